import Agent
import ArgumentParser
import ControlProtocol
import RadioLinks

struct LinksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "links",
        abstract: "Print which radios there are and what the kernel says of them.",
        discussion: """
            Nothing is sent and nothing is changed; no special rights are needed. Shown are, of every radio in this network \
            namespace: driver, regulatory domain, rfkill, monitor modes, channels and why they may not be used, what may be up at \
            once, the radios within it (Linux 6.11 and later), its interfaces and the programs that use them.

            Who uses an interface is told by command lines and by NetworkManager's notes, since nl80211 does not tell it.

            Examples:
              relink links
              relink links --json | jq '.radios[] | {wiphy, activeMonitor}'

            Exit status: 0 when there is a radio, 1 otherwise.
            """)

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    func run() throws {
        let inventory: RadioInventory
        do throws(RadioError) {
            inventory = try RadioInventory.read()
        } catch {
            StandardError.write("relink: \(error)")
            throw ExitCode.failure
        }
        if json {
            StandardOutput.write(LineCoding.line(inventory))
        } else if !inventory.radios.isEmpty {
            StandardOutput.write(inventory.text)
        }
        if inventory.radios.isEmpty {
            StandardError.write("relink: \(inventory.text)")
            throw ExitCode.failure
        }
    }
}
