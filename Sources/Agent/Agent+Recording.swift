import Glibc
import IEEE80211
import LinkSecurity
import Logging
import RadioLinks
import Recording
import SessionCore

/// Recordings of what the core is handed and says.
extension Agent {
    /// Begins to record. Before `run`, the recording can be replayed, where peers have keys only if it keeps whole frames and a key
    /// log is begun, too; later, what the core knew by then is missing.
    ///
    /// - Throws: `RecorderError` when the file is there already, or can't be made.
    public func startRecording(_ options: RecordingOptions) throws(RecorderError) {
        let interfaces = links.map { link in
            RecordedInterface(
                link: link.identifier, name: link.configuration.interface,
                frequency: link.radio?.properties.frequency ?? link.configuration.frequency,
                address: link.radio?.properties.address ?? link.configuration.address)
        }
        let isProtected = configuration.engine.usesKeys
        // A tag covers all of a frame: where frames are protected, what is left out can't be made up.
        let keepsAll = isProtected && options.keepsWholeFrames
        let start = RecordingStart(
            seed: seed, clockOffset: WallClock.nanoseconds - Self.now.nanoseconds, isMidway: hasBegun,
            isProtected: isProtected, keptOctets: keepsAll ? nil : RecordingOptions.keptOctets,
            configuration: configuration.text, links: interfaces.map(\.link))
        recorder = try Recorder(options, start, interfaces, patience: patience)
        log.notice("recording to \(options.path)")
        if isProtected, !hasBegun, !keepsAll {
            log.notice("with keys, it can be looked at, and be replayed only with --record-whole and --record-secrets")
        }
        try writeReplaySecrets()
    }

    /// Removes the recording and the key log that were begun for an agent that can't start: the next try may use their names.
    public func discardRecordings() {
        if let recorder { unlink(recorder.options.path) }
        recorder = nil
        if let path = keyLog?.path { unlink(path) }
        keyLog = nil
    }

    /// The longest wait for a slow disk while nothing is carried, in milliseconds.
    static let patience: CInt = 5000
    /// The longest wait while frames wait, too, once for each command of a user.
    private static let shortPatience: CInt = 10
    private var patience: CInt { isServing ? Self.shortPatience : Self.patience }

    /// Ends the recording, if there is one.
    public func stopRecording() {
        guard let recorder else { return }
        self.recorder = nil
        do throws(RecorderError) {
            if try recorder.finish(milliseconds: patience) {
                log.notice("recorded to \(recorder.options.path)")
            } else if isServing {
                log.notice("recorded to \(recorder.options.path); the end is still to be written")
            } else {
                log.error("\(recorder.options.path) lacks its end: the disk is too slow for it")
            }
        } catch {
            log.error("the recording ends: \(error)")
        }
    }

    /// Writes down what the turn was. A file that can't be written ends the recording, and nothing else.
    func flushRecording() {
        guard let recorder else { return }
        if recorder.isTimeForStations(instant) { recordStations(recorder) }
        do { try recorder.flush() } catch {
            log.error("the recording ends: \(error)")
            self.recorder = nil
        }
    }
}

extension Agent {
    /// Writes down what the kernel reports of the peers' radios.
    private func recordStations(_ recorder: Recorder) {
        for peer in withEngine({ $0.status().peers }) {
            for peerLink in peer.links {
                guard let report = link(peerLink.link)?.radio?.report(of: peerLink.address) else { continue }
                recorder.station(
                    RecordedStation(report, link: peerLink.link, peer: peer.mldAddress), instant)
            }
        }
    }
}

extension RecordedStation {
    fileprivate init(_ report: StationReport, link: LinkIdentifier, peer: MACAddress) {
        self.init(link: link, peer: peer)
        rate = report.rate.map { UInt32(($0 * 10).rounded()) } ?? 0
        modulation = report.modulation.flatMap { UInt8(exactly: $0) }
        streams = report.streams.flatMap { UInt8(exactly: $0) }
        (frames, retries, failures) = (report.frames, report.retries, report.failures)
        expectedThroughput = report.expectedThroughput.map { UInt32(($0 * 1000).rounded()) } ?? 0
    }
}

/// The log of the keys of frames.
extension Agent {
    /// Writes all keys of frames to a file from now on; to be called before `run`. Whoever has the file reads what was said under
    /// them. Where the agent records, too, the file has what the recording is replayed with: whoever has that can be this device.
    ///
    /// - Throws: `RecorderError` when the file is there already, or can't be made.
    public func startKeyLog(path: String) throws(RecorderError) {
        guard configuration.engine.usesKeys else {
            return log.warning("no peer has a key: there is nothing to write to \(path)")
        }
        keyLog = try KeyLogWriter(path: path)
        engine.beginKeyLog()
        try writeReplaySecrets()
        log.warning(
            "the keys of all frames are written to \(path): whoever has it can read what is said; for tests only, delete it afterwards"
        )
    }

    /// Writes what the recording is replayed with, when there are both a recording and a key log.
    private func writeReplaySecrets() throws(RecorderError) {
        guard recorder != nil, keyLog != nil, let octets = secretOctets else { return }
        try keyLog?.write(ReplaySecrets(seed: seed, octets: octets, keys: configuration.engine.keys))
        secretOctets = nil
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

    /// Ends the log of keys, if there is one.
    func stopKeyLog() {
        writeKeyLog()
        guard let keyLog else { return }
        self.keyLog = nil
        do throws(RecorderError) {
            if try !keyLog.finish() { log.error("\(keyLog.path) lacks its end: the disk is too slow for it") }
        } catch {
            log.error("the key log ends: \(error)")
        }
    }
}
