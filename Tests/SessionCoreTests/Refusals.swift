import IEEE80211
import TestSupport

@testable import SessionCore

extension Pair {
    /// A refusal that a station sends to the other one: an ADDBA Response, whose element tells of what, and why.
    static func refusal(_ element: SessionElement, from station: Int, on link: LinkIdentifier) -> [UInt8] {
        let multiLink = BasicMultiLinkElement(mldAddress: mldAddress(station), linkID: link.rawValue)
        let response = AddBlockAckResponse(
            dialogToken: 1, status: .requestDeclined,
            parameters: BlockAckParameterSet(policy: .delayed, tid: 0, bufferSize: 64), timeout: 0,
            elements: [multiLink.element, element.element])
        return ActionFrame(
            receiver: address(1 - station, link), transmitter: address(station, link), bssid: .broadcast,
            action: .addBlockAckResponse(response)
        ).serialized()
    }
}
