/// What a request's target asks of a Socket.IO server.
public enum SocketIORoute: Equatable, Sendable {
    /// `/socket.io` and `/socket.io/`: is there a server?
    case welcome
    /// `/socket.io/socket.io.js`, the browser's client; some came with a version or a transport in the name.
    case script
    /// `/socket.io/1/`: a session is wanted.
    case handshake
    /// `/socket.io/1/TRANSPORT/SID`; the transport's name as it stands, perhaps empty or unknown.
    case transport(name: String, session: String)
    /// Another version of the protocol.
    case otherVersion(String)
    /// Nothing of the protocol, but under its path.
    case unknown

    /// Reads a target; nil when it is not under `/socket.io`.
    public init?(_ head: HTTPRequestHead) {
        let root = "/socket.io"
        let path = head.path
        guard path.hasPrefix(root) else { return nil }
        let rest = path.dropFirst(root.count)
        guard rest.isEmpty || rest.hasPrefix("/") else { return nil }
        let parts = rest.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        switch (parts.count, parts.first ?? "") {
        case (0, _), (1, ""): self = .welcome
        case (1, "socket.io.js"), (1, "socket.io.min.js"): self = .script
        case (1, "1"): self = .handshake
        case (2, "1") where parts[1].isEmpty: self = .handshake
        case (3..., "1") where !parts[2].isEmpty:
            self = .transport(name: String(parts[1]), session: String(parts[2]))
        case (_, let version) where version.allSatisfy { $0.isASCII && $0.isNumber }:
            self = version == "1" ? .unknown : .otherVersion(String(version))
        default: self = .unknown
        }
    }
}
