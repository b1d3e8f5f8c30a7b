import CaptureFiles
import EventLoop
import Glibc
import LabMedium

/// Why there is no medium.
enum MediumError: Error, CustomStringConvertible {
    case unreadable(path: String, code: Int32)
    case notAScript(path: String, reason: String)
    case script(ScriptError)
    case hwsim(code: Int32)
    case capture(CaptureError)
    case loop(EventLoopError)

    /// Whether the script is to blame.
    var isOfScript: Bool {
        switch self {
        case .unreadable, .notAScript, .script: true
        case .hwsim, .capture, .loop: false
        }
    }

    var description: String {
        switch self {
        case .unreadable(let path, let code): "\(path): \(String(cString: strerror(code)))"
        case .notAScript(let path, let reason): "\(path): \(reason)"
        case .script(let error): "the script: \(error)"
        case .hwsim(ENOENT): "the kernel has no radios of mac80211_hwsim; load it: modprobe mac80211_hwsim"
        case .hwsim(EBUSY): "another medium has the radios already; end it"
        case .hwsim(EOPNOTSUPP): "a radio has several channels; load mac80211_hwsim with channels=1"
        case .hwsim(EPERM): "this needs the rights of root (CAP_NET_ADMIN)"
        case .hwsim(let code): "mac80211_hwsim: \(String(cString: strerror(code)))"
        case .capture(let error): "the capture file: \(error)"
        case .loop(let error): "\(error)"
        }
    }
}
