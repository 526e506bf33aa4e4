/// Which end of a WebSocket connection one is.
public enum WebSocketRole: Equatable, Sendable {
    /// The end that dialed: it masks what it sends and takes only unmasked frames.
    case client
    /// The end that was dialed: it sends unmasked frames and takes only masked ones.
    case server
}
