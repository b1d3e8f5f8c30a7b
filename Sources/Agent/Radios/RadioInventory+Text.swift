import RadioLinks

extension RadioInventory {
    /// The inventory for a person: one block for each radio, without a line feed at the end.
    public var text: String {
        guard !radios.isEmpty else { return RadioError.radiosMissing.description }
        var blocks = radios.map(\.text)
        if !programs.isEmpty {
            blocks.append(
                "programs that may take any radio: \(programs.map(\.description).joined(separator: ", "))")
        }
        return blocks.joined(separator: "\n\n")
    }
}

extension RadioDescription {
    /// The radio for a person, without a line feed at the end.
    public var text: String {
        var rows: [(String, String)] = [
            ("driver", driver ?? "unknown"),
            ("regulatory", regulatoryDomain == "00" ? "00 (the world)" : regulatoryDomain),
            ("rfkill", Self.phrase(rfkill)), ("monitor", monitorPhrase),
        ]
        for band in bands {
            for (index, line) in Self.lines(band.channels).enumerated() {
                rows.append((index == 0 ? "\(band.band.rawValue) GHz" : "", line))
            }
        }
        for (index, radio) in radios.enumerated() {
            let ranges = radio.ranges.map { "\($0.start)-\($0.end) MHz" }.joined(separator: ", ")
            rows.append((index == 0 ? "radios" : "", "\(index): \(ranges)"))
            rows += radio.combinations.map { ("", "   \(Self.phrase($0))") }
        }
        for (index, combination) in combinations.enumerated() {
            rows.append((index == 0 ? "at once" : "", Self.phrase(combination)))
        }
        for (index, interface) in interfaces.enumerated() {
            rows.append((index == 0 ? "interfaces" : "", Self.phrase(interface)))
        }
        let width = (rows.map(\.0.count).max() ?? 0) + 2
        let lines = rows.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.count) + $0.1 }
        return (["\(wiphy) (number \(index))"] + lines).joined(separator: "\n")
    }

    private var monitorPhrase: String {
        guard monitor else { return "no; of no use for relink" }
        let means =
            (accessPoint ? ["access points"] : []) + (ibss ? ["IBSS"] : []) + (activeMonitor ? ["active monitors"] : [])
        guard !means.isEmpty else { return "yes, and nothing that acknowledges (acknowledgments in frames)" }
        return "yes, and \(means.joined(separator: ", ")) (MAC acknowledgments, if relink check confirms them)"
    }

    private static func phrase(_ rfkill: RadioSwitch) -> String {
        switch rfkill {
        case .on: "on"
        case .offBySoftware: "off; switch it on: rfkill unblock wifi"
        case .offByHardware: "off by a switch or key of the device"
        }
    }

    private static func phrase(_ combination: InterfaceCombination) -> String {
        let limits = combination.limits.map { "\($0.interfaces) of \($0.modes.joined(separator: ", "))" }
        let channels = combination.channels == 1 ? "1 channel" : "\(combination.channels) channels"
        return "up to \(combination.interfaces) on \(channels): \(limits.joined(separator: "; "))"
    }

    private static func phrase(_ interface: RadioInterface) -> String {
        var parts = [interface.name, interface.mode.rawValue, interface.up ? "up" : "down", interface.address]
        if let frequency = interface.frequency { parts.append("\(frequency) MHz") }
        if let powerSave = interface.powerSave { parts.append("power save \(powerSave ? "on" : "off")") }
        if interface.madeByRelink { parts.append("made by relink") }
        if !interface.programs.isEmpty {
            parts.append("used by \(interface.programs.map(\.description).joined(separator: " and "))")
        }
        return parts.joined(separator: ", ")
    }

    /// One line for each reason why channels may or may not be used, in the order of the first channel with it.
    static func lines(_ channels: [ChannelDescription]) -> [String] {
        var groups: [(reason: String, numbers: [Int])] = []
        for channel in channels {
            let reason = reason(channel)
            if let index = groups.firstIndex(where: { $0.reason == reason }) {
                groups[index].numbers.append(channel.channel)
            } else {
                groups.append((reason, [channel.channel]))
            }
        }
        return groups.map { "\(numbers($0.numbers)): \($0.reason)" }
    }

    private static func reason(_ channel: ChannelDescription) -> String {
        if channel.isPermitted { return "permitted" }
        // What else is forbidden there does not matter.
        if channel.restrictions.contains(.disabled) { return "disabled in this regulatory domain" }
        return channel.restrictions.map { restriction in
            switch restriction {
            case .disabled: "disabled"
            case .noInitiatingRadiation: "listening only (no IR)"
            case .radar: "radar has to be looked for first" + (channel.radarState.map { " (\($0.rawValue))" } ?? "")
            }
        }.joined(separator: ", ")
    }

    /// Numbers with runs of equal steps put together: 1-11, 36-48.
    static func numbers(_ numbers: [Int]) -> String {
        var runs: [(first: Int, last: Int)] = []
        let step = numbers.contains { $0 > 14 } ? 4 : 1
        for number in numbers {
            if let run = runs.last, number == run.last + step {
                runs[runs.count - 1].last = number
            } else {
                runs.append((number, number))
            }
        }
        return runs.map { $0.first == $0.last ? "\($0.first)" : "\($0.first)-\($0.last)" }.joined(separator: ", ")
    }
}
