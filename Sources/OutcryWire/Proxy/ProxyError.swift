/// Why a proxy has not opened the way.
@nonexhaustive
public enum ProxyError: Error, Equatable, Sendable, CustomStringConvertible {
    /// It said no: an HTTP status, or a reply code of SOCKS, with its meaning.
    case refused(code: Int, reason: String)
    /// It wants a name and a password, or others.
    case unauthorized
    /// What it said is not what a proxy says.
    case malformed(CodecError)

    /// In words; without secrets.
    public var description: String {
        switch self {
        case .refused(let code, let reason): "the proxy refused: \(code) \(reason)"
        case .unauthorized: "the proxy wants a name and a password, or others"
        case .malformed(let error): "the proxy's answer is malformed: \(error)"
        }
    }
}
