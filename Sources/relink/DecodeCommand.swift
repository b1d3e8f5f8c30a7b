import ArgumentParser
import CaptureFiles
import FrameDecoding
import Glibc
import IEEE80211
import LinkSecurity
import SessionCore

struct DecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Print the 802.11 frames of a capture file.",
        discussion: """
            Reads pcap and pcapng, in either byte order, with 802.11 frames behind radiotap headers (link \
            type 127), PPI (192), Prism (119) or AVS (163) headers, or bare (105), and prints one line per packet. Frames of this project's own protocol are explained: sessions, rebuilds, \
            heartbeats, payloads. It needs no rights but to read the file.

            Examples:
              relink decode air.pcap | grep session
              relink decode air.pcap --json | jq -c 'select(.category == 3) | {number, ta, action, status}'
              relink decode air.pcap --type heartbeat --type beacon --address 02:52:4c:01:00:0a
              relink decode air.pcap --session 0x8b5d21f093c46e17 --link 2
              tcpdump -i relink1 -U -w - | relink decode -
              relink decode air.pcap --keys a.keys --type payload

            Filters: of one option given several times one must fit, of several options all must. Numbers and times stay those of \
            the whole file.
              --type     management, control, data, extension; a subtype by the standard's name (beacon, qos-data, rts); \
            addba-request, addba-response, delba; of this project's protocol heartbeat, session-acknowledgment, \
            block-acknowledgment, announcement, payload
              --address  frames with the address in any part: receiver, transmitter, destination, source, BSSID
              --session  frames that name the session: ADDBA and DELBA with its element, heartbeats, block acknowledgments, payloads
              --link     a number: frames that name this link ID, in their Multi-Link element, among the links of a sharing \
            request, of a heartbeat's sessions or of an announcement, or, with --keys, in a payload; interface:N: packets that interface N of the file gave (0 in a pcap file)

            In JSON: number (from 1), interface (from 0), length (of the packet, with what the capture did \
            not keep), type and subtype (of the frame control field), ra, ta, da, sa, \
            bssid, sequence, fragment, tid, category and action (of action frames), dialogToken, bufferSize, \
            blockAckPolicy (1 immediate, 0 delayed), timeout, startingSequence, status, signal (dBm), frequency (MHz), txFlags \
            (of one's own transmissions; 1: nobody acknowledged), malformed (null, or the octet of the packet and what is wrong \
            there). Keys that do not apply are left out. A packet of another link type has linkType instead of all that \
            is not read; behind PPI it is that of the packet within. Signal is left out where the header does not tell it in dBm \
            (Prism).

            With --keys and what relink run --record-secrets wrote, encrypted payloads are shown in clear, and protected action frames \
            checked: verified; tag wrong (damaged, or forged); tag cut off (the capture kept only the start, and nothing proves it); no \
            key. A line shows 64 octets of the plaintext; in JSON, all of it is there as plaintext, with protection, link, \
            payloadSequence and payloadLength.

            An encrypted body is not read without keys, and no fault. A frame check sequence is taken off where one is announced, or found.

            Exit status: 0 when the file was read to its end, 1 otherwise: what stands before the fault is printed first. 1 also \
            when none of its packets is an 802.11 frame.
            """)

    @Argument(help: ArgumentHelp("The capture file; - for standard input.", valueName: "file"))
    var path: String

    @Flag(help: "Print JSON, one object per line.")
    var json = false

    @Option(
        help: ArgumentHelp("Only frames of this type, subtype or content.", valueName: "name"), transform: parseKind)
    var type: [FrameFilter.Kind] = []

    @Option(help: ArgumentHelp("Only frames with this address.", valueName: "address"), transform: parseAddress)
    var address: [MACAddress] = []

    @Option(help: ArgumentHelp("Only frames of this session.", valueName: "identifier"), transform: parseSession)
    var session: [SessionIdentifier] = []

    @Option(help: ArgumentHelp("Only frames of this link.", valueName: "id|interface:n"), transform: parseLink)
    var link: [FrameFilter.Link] = []

    @Option(help: ArgumentHelp("Read protected frames with the keys of this key log.", valueName: "file"))
    var keys: String?

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

    private var filter: FrameFilter {
        var filter = FrameFilter()
        filter.kinds = type
        filter.addresses = address
        filter.sessions = session
        filter.links = link
        return filter
    }

    private func decode(_ lines: inout [UInt8]) throws {
        let reader = path == "-" ? CaptureReader(descriptor: STDIN_FILENO) : try CaptureReader(path: path)
        var decoder = CaptureDecoder(
            reader, form: json ? .json : .text, filter: filter, keys: try keys.map(KeyLogFile.ring))
        let pieceLength = path == "-" ? 1 : Self.pieceLength
        while try decoder.appendNext(to: &lines) {
            if lines.count >= pieceLength { try write(&lines) }
        }
        try write(&lines)
        guard let linkType = decoder.firstUndecoded else { return }
        StandardError.write(
            "relink: \(name): \(decoder.undecodedCount) of \(decoder.count) packets have link types that are not read here "
                + "(\(linkType.rawValue) first). Record 802.11 in monitor mode: with radiotap (127), PPI (192), Prism (119) or AVS "
                + "(163) headers, or bare (105).")
        guard decoder.undecodedCount < decoder.count else { throw ExitCode.failure }
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

// MARK: - Values of the filters

private func parseKind(_ text: String) throws -> FrameFilter.Kind {
    guard let kind = FrameFilter.Kind(text) else {
        throw ValidationError("'\(text)' is no type of frame that is known; give one like beacon, data or heartbeat.")
    }
    return kind
}

private func parseAddress(_ text: String) throws -> MACAddress {
    guard let address = MACAddress(text) else {
        throw ValidationError("'\(text)' is no address; give six pairs of hexadecimal digits with colons.")
    }
    return address
}

private func parseSession(_ text: String) throws -> SessionIdentifier {
    guard let session = SessionIdentifier(text.hasPrefix("0x") ? String(text.dropFirst(2)) : text) else {
        throw ValidationError("'\(text)' is no session; give its sixteen hexadecimal digits.")
    }
    return session
}

private func parseLink(_ text: String) throws -> FrameFilter.Link {
    guard let link = FrameFilter.Link(text) else {
        throw ValidationError("'\(text)' is no link; give a link ID from 0 to 14, or interface: and a number from 0.")
    }
    return link
}
