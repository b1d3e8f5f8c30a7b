import ArgumentParser
import ControlProtocol
import Glibc
import LabMedium

@main
struct RelinkMedium: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "relink-medium",
        abstract: "The air between the radios of mac80211_hwsim, for the lab.",
        discussion: """
            Loses frames and acknowledgments, each for itself, on each link and in each direction; delays them; takes time for them. \
            It runs in the network namespace in which the radios were made, wherever they were moved to, until standard input \
            ends or SIGTERM comes. No radio may have more than one channel (mac80211_hwsim channels=1).

            The script is a JSON object:

              {"links": [{"id": 1, "frequency": 2412}],
               "radios": [
                 {"name": "a", "link": 1, "hwsim": "02:00:00:00:00:00",
                  "address": "02:52:4c:01:00:0a"},
                 {"name": "b", "link": 1, "hwsim": "02:00:00:00:01:00",
                  "address": "02:52:4c:01:00:0b", "acknowledges": false}],
               "settings": [
                 {"loss": 0.1, "acknowledgmentLoss": 0.1},
                 {"link": 1, "bitsPerSecond": 6000000, "retries": 2}],
               "changes": [
                 {"atMilliseconds": 5000,
                  "change": {"link": 1, "from": "a", "to": "b", "cut": true}}]}

            Links: all radios of one take turns, unless it has "shared": false; then each has the air for itself.

            A setting is for the links and directions that it names, or for all: cut, loss, acknowledgmentLoss (of what travels in \
            the direction), handsOver, delayMicroseconds, jitterMicroseconds, reorders; and of whole links: bitsPerSecond, retries. \
            With "handsOver": false the radio acknowledges and its host gets nothing. loss and handsOver are about the frames that kinds \
            (data, blockAcknowledgment, management, control) and longerThan (octets) select, which begin with all of them.

            Commands come as lines on standard input, and each is answered by one line: {"set": {…}} changes settings at once, \
            {"report": true} asks for the counters. The first line of the output tells the seed, the last one the counters.

            Exit status: 0 at the end, 78 when the script is wrong, 1 otherwise.
            """,
        version: Release.version)

    @Argument(help: ArgumentHelp("The script (JSON).", valueName: "script"))
    var path: String

    @Option(help: "What all randomness comes from (default: a new one, which is printed).")
    var seed: UInt64?

    @Option(help: "A pcap file for every try and every acknowledgment on the air, lost or not.")
    var capture: String?

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        var random = SystemRandomNumberGenerator()
        do throws(MediumError) {
            let script = try ScriptFile.read(path)
            try MediumRunner(script: script, seed: seed ?? random.next(), capture: capture).run()
        } catch {
            Lines.write("relink-medium: \(error)", to: STDERR_FILENO)
            throw error.isOfScript ? ExitCode(EX_CONFIG) : ExitCode.failure
        }
    }
}
