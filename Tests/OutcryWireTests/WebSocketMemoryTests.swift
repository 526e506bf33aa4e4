import Testing

@testable import OutcryWire

/// What an idle connection holds.
@Suite struct WebSocketMemoryTests {
    private func decoder(
        _ role: WebSocketRole, _ options: DeflateOptions, isMasked: Bool
    ) throws -> WebSocketFrameDecoder {
        let agreement = options.terms
        let sender = WebSocketRole.client == role ? WebSocketRole.server : .client
        var decoder = WebSocketFrameDecoder(role: role, deflate: agreement)
        #expect(decoder.inflater?.holdsMemory == false, "before the first message")
        let text = String(repeating: "some text ", count: 1000)
        let content = try MessageDeflater(agreement, role: sender).deflate(text.utf8.span)
        var bytes = WebSocketFrameEncoder(role: sender).frame(
            .text, deflated: content.span, maskKey: isMasked ? 5 : nil)
        var position = 0
        var span = bytes.mutableSpan
        #expect(try decoder.next(&span, at: &position) == .assembledText)
        #expect(decoder.withAssembled { $0.count } == 10_000)
        #expect(try decoder.next(&span, at: &position) == .needMore(atLeast: 2))
        return decoder
    }

    @Test func aServerKeepsNothingWhereWindowsAreForgotten() throws {
        let idle = try decoder(.server, .shared, isMasked: true)
        #expect(idle.assembly.capacity == 0)
        #expect(idle.inflater?.holdsMemory == false)
    }

    @Test func whatIsKeptIsKept() throws {
        let server = try decoder(.server, DeflateOptions(), isMasked: true)
        #expect(server.assembly.capacity == 0)
        #expect(server.inflater?.holdsMemory == true, "the window")
        let client = try decoder(.client, .shared, isMasked: false)
        #expect(client.assembly.capacity >= 10_000, "for the next message")
        #expect(client.inflater?.holdsMemory == false)
    }
}
