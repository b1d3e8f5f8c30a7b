/// How a user gets a radio back from those who hold it.
extension RadioError {
    /// What lets go of these interfaces.
    static func release(_ holders: [RadioInterface]) -> String {
        var steps: [String] = []
        let programs = holders.flatMap(\.programs)
        for program in programs where program.name != "NetworkManager" && !steps.contains(stop(program)) {
            steps.append(stop(program))
        }
        for holder in holders {
            if holder.madeByRelink {
                steps.append(
                    "stop the agent that runs on \(holder.name), or if none does, remove it (iw dev \(holder.name) del)"
                )
                continue
            }
            if holder.programs.contains(where: { $0.name == "NetworkManager" }) {
                steps.append("tell NetworkManager (nmcli device set \(holder.name) managed no)")
            }
            if holder.up { steps.append("set \(holder.name) down (ip link set \(holder.name) down)") }
        }
        return steps.joined(separator: ", then ")
    }

    private static func stop(_ program: RunningProgram) -> String {
        "stop \(program.name) (kill \(program.process), or its service)"
    }
}

extension RadioInterface {
    /// The interface and who uses it, in few words.
    var phrase: String {
        let users = madeByRelink ? ["relink"] : programs.map(\.description)
        let state = up ? "\(mode.rawValue), up" : "\(mode.rawValue), down"
        return "\(name) (\(state))" + (users.isEmpty ? "" : " by \(users.joined(separator: " and "))")
    }
}
