import OutcryBytes
import OutcryKernel
import OutcryReactor
import Testing

extension ReactorTests {
    @Test(arguments: [SocketAddress.loopback(port: 0), .ipv6(0, 1, scope: 0, port: 0)])
    func echoOverTCP(_ address: SocketAddress) throws { try echo(address) }

    @Test func echoOverUnix() throws {
        let folder = try Folder()
        try echo(.unix(folder.path + "/socket"))
    }

    private func echo(_ address: SocketAddress) throws {
        let bench = try Bench()
        var heard = ""
        var reason = ""
        bench.server.started = { my in
            let listener = try my.listen(on: address)
            bench.server.listeners = [listener]
            bench.client.started = { my in
                bench.client.streams = [my.connect(to: .address(listener.address))]
            }
        }
        bench.server.received = { stream, _ in stream.put(stream.takeText()) }
        bench.client.opened = { stream, _ in stream.put("hello") }
        bench.client.received = { stream, _ in
            heard += stream.takeText()
            if heard == "hello" { stream.put(" world") }
            if heard == "hello world" { stream.close() }
        }
        bench.server.closed = { news, my in
            reason = "\(news.reason)"
            my.kernel.stop()
        }
        try bench.run()
        #expect(heard == "hello world")
        #expect(reason == "closed")
        #expect(bench.client.streams[0].bytesIn == 11)
    }
}
