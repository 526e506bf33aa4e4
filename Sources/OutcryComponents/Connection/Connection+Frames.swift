import OutcryBytes
import OutcryKernel
import OutcryWire

// The frames of a WebSocket, for those who record them.

extension Connection {
    func tell(
        _ direction: Frame.Direction, _ kind: Frame.Kind, _ bytes: Span<UInt8>, _ my: Context
    ) {
        if direction == .received { my.kernel.noteReading(bytes) }
        tell(direction, kind, bytes.copy(0..<bytes.count), my)
    }

    func tell(
        _ direction: Frame.Direction, _ kind: Frame.Kind, _ bytes: [UInt8], _ my: Context
    ) { my.publish(.frame, Frame(direction, kind, bytes)) }

    /// ``Feed/drain(_:_:_:_:)``, with each frame told to those who listen.
    func tap(
        _ stream: StreamWheel, _ feed: any Feed, _ budget: Int, _ my: Context
    ) -> DrainEnd {
        do throws(CodecError) {
            return try stream.inbound.consume { (bytes, position) throws(CodecError) in
                for _ in 0..<budget {
                    switch try decoder.next(&bytes, at: &position) {
                    case .text(let range):
                        tell(.received, .text, bytes.span.extracting(range), my)
                        feed.message(bytes.span.extracting(range), my)
                    case .assembledText:
                        decoder.withAssembled {
                            tell(.received, .text, $0, my)
                            feed.message($0, my)
                        }
                    case .needMore: return .drained
                    case .ping(let range):
                        let payload = bytes.span.extracting(range)
                        tell(.received, .ping, payload, my)
                        feed.answer(payload, stream, my)
                        tell(.sent, .pong, payload, my)
                    case .pong(let range):
                        feed.pulse.noteOther()
                        tell(.received, .pong, bytes.span.extracting(range), my)
                    case .binary(let range):
                        feed.pulse.noteOther()
                        tell(.received, .binary, bytes.span.extracting(range), my)
                    case .assembledBinary:
                        feed.pulse.noteOther()
                        decoder.withAssembled { tell(.received, .binary, $0, my) }
                    case .close(let code, let reason):
                        tell(.received, .close, Array("\(code)".utf8), my)
                        return .closed(
                            WebSocketGoodbye(code, reason: bytes.span.extracting(reason)))
                    }
                }
                return .more
            }
        } catch { return .failed(error) }
    }
}
