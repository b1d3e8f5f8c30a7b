import SessionCore
import TestSupport

/// A number for everything that engines did in a life (after FNV-1a, eight octets at a time): the same seed gives the same one on every
/// machine.
struct TraceHash: Equatable {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ octets: [UInt8]) {
        octets.withUnsafeBytes { bytes in
            var place = 0
            while place + 8 <= bytes.count {
                add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
                place += 8
            }
            while place < bytes.count {
                add(UInt64(bytes[place]))
                place += 1
            }
        }
    }

    mutating func add(_ number: UInt64) {
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
                add(mpdu)
            case .deliver(let payload, _, let tid):
                add(UInt64(tid.rawValue))
                add(Array(payload.prefix(PayloadName.length)))
            case .event(let event):
                add(Array(event.kind.rawValue.utf8))
                add(UInt64(event.framesLost ?? 0))
                add(event.session?.identifier.rawValue ?? 0)
            }
        }
    }
}
