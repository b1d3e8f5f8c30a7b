import ArgumentParser
import ControlProtocol

/// The options of all commands that talk to an agent.
struct ControlOptions: ParsableArguments {
    @Option(name: .customLong("control"), help: ArgumentHelp("The agent's control socket.", valueName: "path"))
    var path = ControlLimits.defaultPath

    @Flag(help: "Print JSON, for scripts.")
    var json = false

    /// Connects, sends one request, and calls `body`; whatever fails is told, and ends the command with exit status 1.
    func withAgent(
        _ request: ControlRequest, _ body: (inout ControlClient) throws(ControlError) -> Void
    ) throws {
        do throws(ControlError) {
            var client = try ControlClient.connect(to: path)
            try client.send(request)
            try body(&client)
        } catch {
            StandardError.write("relink: \(error)")
            throw ExitCode.failure
        }
    }
}
