import ArgumentParser
import CaptureFiles
import FrameDecoding
import Glibc

struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Print the 802.11 frames of a capture file.",
        discussion: """
            Reads pcap and pcapng, in either byte order, with radiotap headers (link type 127) or bare 802.11 frames (105), \
            and prints one line per packet. Frames of this project's own protocol are explained: sessions, rebuilds, \
            heartbeats, payloads. It needs no rights but to read the file.

            Examples:
              relink decode air.pcap | grep session
              relink decode air.pcap --json | jq -c 'select(.category == 3) | {number, ta, action, status}'
              tcpdump -i relink1 -U -w - | relink decode -

            In JSON: number (from 1), interface (from 0), length (of the packet, with what the capture did \
            not keep), type and subtype (of the frame control field), ra, ta, da, sa, \
            bssid, sequence, fragment, tid, category and action (of action frames), dialogToken, bufferSize, \
            blockAckPolicy (1 immediate, 0 delayed), timeout, startingSequence, status, signal (dBm), frequency (MHz), txFlags \
            (of one's own transmissions; 1: nobody acknowledged), malformed (null, or the octet of the packet and what is wrong \
            there). Keys that do not apply are left out. A packet of another link type has linkType instead of all that \
            is not read.

            An encrypted body is not read, and no fault. A frame check sequence is taken off where one is announced, or found.

            Exit status: 0 when the file was read to its end, 1 otherwise: what stands before the fault is printed first.
            """)

    @Argument(help: ArgumentHelp("The capture file; - for standard input.", valueName: "file"))
    var path: String

    @Flag(help: "Print JSON, one object per line.")
    var json = false

    /// Octets that are gathered before they are written, unless somebody may be waiting for them.
    private static let pieceLength = 65_536

    /// What it is called in messages.
    private var name: String { path == "-" ? "standard input" : path }

    func run() throws {
        // Whoever reads the lines may have enough: that ends the command, quietly.
        signal(SIGPIPE, SIG_IGN)
        var lines: [UInt8] = []
        do {
            try decode(&lines)
        } catch let error as CaptureError {
            try write(&lines)
            StandardError.write("relink: \(name): \(error). \(error.remedy)")
            throw ExitCode.failure
        }
    }

    private func decode(_ lines: inout [UInt8]) throws {
        let reader = path == "-" ? CaptureReader(descriptor: STDIN_FILENO) : try CaptureReader(path: path)
        var decoder = CaptureDecoder(reader, form: json ? .json : .text)
        let pieceLength = path == "-" ? 1 : Self.pieceLength
        while try decoder.appendNext(to: &lines) {
            if lines.count >= pieceLength { try write(&lines) }
        }
        try write(&lines)
        guard let linkType = decoder.firstUndecoded else { return }
        StandardError.write(
            "relink: \(name): \(decoder.undecodedCount) of \(decoder.count) packets have link types that are not read here "
                + "(\(linkType.rawValue) first). Record with radiotap headers (127) or as bare 802.11 (105).")
    }

    /// Writes the lines and empties the array; ends the command when nobody reads them, or they can't be written.
    private func write(_ lines: inout [UInt8]) throws {
        let error = StandardOutput.write(checked: lines)
        lines.removeAll(keepingCapacity: true)
        guard error != EPIPE else { throw ExitCode.success }
        guard error == 0 else {
            StandardError.write("relink: can't write to standard output: \(String(cString: strerror(error)))")
            throw ExitCode.failure
        }
    }
}
