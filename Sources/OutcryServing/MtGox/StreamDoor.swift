package import OutcryComponents
package import OutcryWire

extension ServerConnection {
    /// Makes a WebSocket of a connection: at `/mtgox` and `/`, with any `Origin` but none without.
    ///
    /// - Throws: What is to be answered to who asks for it otherwise.
    package func upgradeToStream(_ head: HTTPRequestHead) throws(CallRefusal) {
        guard head.path == "/mtgox" || head.path == "/" else {
            throw .unknown(String(head.path))
        }
        guard head.fields["Origin"] != nil else { throw .noOrigin }
        do {
            upgrade(try WebSocketServerHandshake(head))
        } catch {
            throw CallRefusal(status: error.status, message: "\(error)", fields: error.fields)
        }
    }
}
