import SessionCore
import TestSupport

/// A number for everything that engines did in a life (FNV-1a, 64 bits): the same seed gives the same one.
struct TraceHash: Equatable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    private mutating func add(_ octet: UInt8) { value = (value ^ UInt64(octet)) &* 0x100_0000_01b3 }

    private mutating func add(_ number: UInt64) {
        value = (value ^ number) &* 0x100_0000_01b3
        value ^= value >> 29
    }

    mutating func add(_ step: Cluster.Step) {
        add(UInt64(bitPattern: step.instant.nanoseconds))
        add(UInt64(step.station))
        for output in step.outputs {
            switch output {
            case .transmit(let link, let number, let mpdu):
                add(UInt64(link.rawValue) << 32 | UInt64(number.rawValue))
                for octet in mpdu { add(octet) }
            case .deliver(let payload, _, let tid):
                add(UInt64(tid.rawValue))
                for octet in payload.prefix(PayloadName.length) { add(octet) }
            case .event(let event):
                for octet in event.kind.rawValue.utf8 { add(octet) }
                add(UInt64(event.framesLost ?? 0))
                add(event.session?.identifier.rawValue ?? 0)
            }
        }
    }
}
