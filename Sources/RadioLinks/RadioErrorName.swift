extension RadioError {
    /// One lowerCamelCase word for programs.
    public var name: String {
        switch self {
        case .wiphyNotFound: "wiphyNotFound"
        case .wirelessMissing: "wirelessMissing"
        case .radiosMissing: "radiosMissing"
        case .monitorUnsupported: "monitorUnsupported"
        case .interfaceNameTaken: "interfaceNameTaken"
        case .interfaceNameUnusable: "interfaceNameUnusable"
        case .channelUnknown: "channelUnknown"
        case .channelForbidden(_, _, .disabled, _): "channelDisabled"
        case .channelForbidden(_, _, .radar, _): "channelRadar"
        case .channelForbidden(_, _, .noInitiatingRadiation, _): "channelNoInitiatingRadiation"
        case .channelBusy: "channelBusy"
        case .radioHeld: "radioHeld"
        case .noPermittedChannel: "noPermittedChannel"
        case .interrupted: "interrupted"
        case .channelNotKept: "channelNotKept"
        case .addressNotKept: "addressNotKept"
        case .addressUnusable: "addressUnusable"
        case .macAcknowledgmentImpossible: "macAcknowledgmentImpossible"
        case .radioNotHeld(_, let failure): failure.obstacle.name
        case .anchorStopped: "anchorStopped"
        case .radioBlocked: "radioBlocked"
        case .permissionDenied: "permissionDenied"
        case .frameTooLong: "frameTooLong"
        case .interfaceDown: "interfaceDown"
        case .interfaceGone: "interfaceGone"
        case .linkTypeUnexpected: "linkTypeUnexpected"
        case .captureFailed: "captureFailed"
        case .refused: "refused"
        case .closed: "closed"
        }
    }
}
