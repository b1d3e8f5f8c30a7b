import Logging
import RadioLinks
import Recording
import SessionCore

/// Recordings of what the core is handed and says.
extension Agent {
    /// Begins to record. Before `run`, the recording can be replayed, unless peers have keys; later, what the core knew by then is
    /// missing.
    ///
    /// - Throws: `RecorderError` when the file is there already, or can't be made.
    public func startRecording(_ options: RecordingOptions) throws(RecorderError) {
        let interfaces = links.map { link in
            RecordedInterface(
                link: link.identifier, name: link.configuration.interface,
                frequency: link.radio?.properties.frequency ?? link.configuration.frequency,
                address: link.radio?.properties.address ?? link.configuration.address)
        }
        // What the keys were drawn from stays a secret.
        let hasKeys = configuration.engine.usesKeys
        let start = RecordingStart(
            seed: seed, clockOffset: WallClock.nanoseconds - Self.now.nanoseconds, isMidway: hasBegun || hasKeys,
            keptOctets: RecordingOptions.keptOctets, configuration: configuration.text, links: interfaces.map(\.link))
        recorder = try Recorder(options, start, interfaces)
        log.notice("recording to \(options.path)\(hasKeys ? "; with keys it can be looked at, not replayed" : "")")
    }

    /// Ends the recording, if there is one.
    public func stopRecording() {
        flushRecording()
        if let recorder { log.notice("recorded to \(recorder.options.path)") }
        recorder = nil
    }

    /// Writes down what the turn was. A file that can't be written ends the recording, and nothing else.
    func flushRecording() {
        guard let recorder else { return }
        do { try recorder.flush() } catch {
            log.error("the recording ends: \(error)")
            self.recorder = nil
        }
    }
}

/// The log of the keys of frames.
extension Agent {
    /// Writes all keys of frames to a file from now on; to be called before `run`. Whoever has the file reads what was said under
    /// them.
    ///
    /// - Throws: `RecorderError` when the file is there already, or can't be made.
    public func startKeyLog(path: String) throws(RecorderError) {
        guard configuration.engine.usesKeys else {
            return log.warning("no peer has a key: there is nothing to write to \(path)")
        }
        keyLog = try KeyLogWriter(path: path)
        engine.beginKeyLog()
        log.warning(
            "the keys of all frames are written to \(path): whoever has it can read what is said; for tests only, delete it afterwards"
        )
    }

    /// Writes what keys there are since the last turn. A file that can't be written ends the log, and nothing else.
    func writeKeyLog() {
        do throws(RecorderError) {
            try keyLog?.write(engine.takeLoggedKeys())
        } catch {
            log.error("the key log ends: \(error)")
            keyLog = nil
        }
    }
}
