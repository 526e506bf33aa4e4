import COutcrySystem
import Glibc
import OutcryKernel
import Testing

@testable import OutcryReactor

extension ReactorTests {
    /// Two streams are readable in one wait. The handler of the first closes the other and begins to
    /// connect anew, which takes the descriptor, and the place, of the one that was closed.
    @Test func lateNewsOfAReusedDescriptorIsDropped() throws {
        let folder = try Folder()
        let bench = try Bench()
        let address = SocketAddress.unix(folder.path + "/socket")
        // Connecting to it takes forever: whatever is heard of it is another's news.
        let silent = try RawPeer(listening: ())
        let crowd = try (0..<4).map { _ in try RawPeer(connectedTo: silent.port, waits: false) }
        var ids: [TransportID] = []
        var log: [String] = []
        var numbers: [Int32] = []
        bench.kernel.onInput = { input in
            switch input {
            case .accepted(_, let id, _): ids.append(id)
            case .received(let id, _): log.append("received \(id.number & 0xffff_ffff)")
            case .connected(let id): log.append("connected \(id.number >> 32)")
            default: break
            }
        }
        bench.server.started = { my in
            _ = try my.listen(on: address)
            bench.client.started = { my in
                bench.client.streams = (0..<2).map { _ in my.connect(to: .address(address)) }
            }
        }
        var ends = 0
        func ready() {
            ends += 1
            guard ends == 4 else { return }
            log.removeAll()
            // Written at the end of this turn, so that the next wait finds both.
            for stream in bench.client.streams { stream.put("x") }
        }
        bench.server.accepted = { _, _ in ready() }
        bench.client.opened = { _, _ in ready() }
        bench.server.received = { stream, my in
            guard let i = bench.server.streams.firstIndex(where: { $0 === stream }),
                numbers.isEmpty
            else { return }
            let reactor = bench.reactor
            let other = ids[1 - i]
            numbers.append(reactor.socket(other)?.descriptor.number ?? -1)
            bench.server.streams[1 - i].abort()
            #expect(reactor.socket(other) == nil)
            _ = my.connect(to: .address(.loopback(port: silent.port)))
            let slot = Int(other.number & 0xffff_ffff)
            numbers.append(reactor.slots[slot].socket?.descriptor.number ?? -2)
            #expect(reactor.slots[slot].socket?.id != other)
            my.after(.milliseconds(5), .probeAlarm)
        }
        bench.server.alarm = { my in my.kernel.stop() }
        bench.client.ended = { _, _ in }
        try bench.run()
        #expect(numbers.count == 2 && numbers[0] == numbers[1], "the descriptor was reused")
        #expect(log.count == 1 && log[0].hasPrefix("received"), "\(log)")
        #expect(crowd.count == 4)
    }

    @Test func newsOfAClosedTransportIsNoInput() throws {
        let bench = try Bench()
        let peer = try RawPeer(listening: ())
        let address = SocketAddress.loopback(port: peer.port)
        let id = try bench.reactor.connect(to: address)
        bench.reactor.close(id)
        let next = try bench.reactor.connect(to: address)
        #expect(id.number & 0xffff_ffff == next.number & 0xffff_ffff)
        #expect(id != next)
        var inputs = 0
        bench.kernel.onInput = { _ in inputs += 1 }
        bench.reactor.ready(id, Flags.writable, bench.kernel)
        bench.reactor.ready(TransportID(number: 99 << 32 | 99), Flags.readable, bench.kernel)
        #expect(inputs == 0)
        #expect(bench.reactor.socket(id) == nil)
        bench.reactor.ready(next, Flags.writable, bench.kernel)
        #expect(inputs == 1)
        let bytes: [UInt8] = [1]
        let error = #expect(throws: SystemError.self) { () throws in
            _ = try bench.reactor.write(id, bytes.span)
        }
        #expect(error?.code == EBADF)
    }

    @Test func acceptedSocketsDoNotDelay() throws {
        let bench = try Bench()
        var options: [Int32] = []
        bench.kernel.onInput = { input in
            guard case .accepted(_, let id, let peer) = input else { return }
            guard let socket = bench.reactor.socket(id) else { return }
            options.append(
                outcryOption(socket.descriptor.number, Int32(IPPROTO_TCP), TCP_NODELAY))
            #expect(peer.hasPrefix("127.0.0.1:"))
        }
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            bench.client.started = { my in _ = my.connect(to: .address(listener.address)) }
        }
        bench.server.accepted = { _, my in my.kernel.stop() }
        try bench.run()
        #expect(options == [1])
    }

    @Test func manyConnectionsAtOnce() throws {
        let bench = try Bench()
        var opened = 0
        bench.server.started = { my in
            let listener = try my.listen(on: .loopback(port: 0))
            bench.client.started = { my in
                for _ in 0..<300 { _ = my.connect(to: .address(listener.address)) }
            }
        }
        bench.server.accepted = { stream, _ in stream.put("!") }
        bench.client.received = { stream, my in
            opened += 1
            if opened == 300 { my.kernel.stop() }
        }
        try bench.run()
        #expect(opened == 300)
        #expect(bench.server.streams.count == 300)
    }

    @Test func stalePathsAreTakenOver() throws {
        let folder = try Folder()
        let path = folder.path + "/socket"
        let one = try Bench()
        let two = try Bench()
        let (id, address) = try one.reactor.listen(on: .unix(path))
        #expect(address == .unix(path))
        // Somebody listens.
        let taken = #expect(throws: SystemError.self) { try two.reactor.listen(on: .unix(path)) }
        #expect(taken?.description == "bind: Address already in use (98)")
        // A dead process leaves its file behind: here under another name, so that it is not removed.
        _ = unsafe rename(path, path + ".old")
        one.reactor.close(id)
        #expect(folder.names == ["socket.old"])
        let (again, _) = try two.reactor.listen(on: .unix(path + ".old"))
        two.reactor.close(again)
        #expect(folder.names == [])
        // What is no socket is left alone.
        let file = unsafe open(path, O_CREAT | O_WRONLY, 0o600)
        close(file)
        #expect(throws: SystemError.self) { try two.reactor.listen(on: .unix(path)) }
        #expect(folder.names == ["socket"])
    }

    @Test func portsThatAreTaken() throws {
        let bench = try Bench()
        let (_, address) = try bench.reactor.listen(on: .loopback(port: 0))
        let error = #expect(throws: SystemError.self) {
            try bench.reactor.listen(on: address)
        }
        #expect(error?.description == "bind: Address already in use (98)")
    }

    /// Opens descriptors until the process has none left. Other threads may open some meanwhile.
    private static func takeAllDescriptors() -> [Int32] {
        var taken: [Int32] = []
        while true {
            let number = fcntl(0, F_DUPFD, 3)
            guard number >= 0 else { return taken }
            taken.append(number)
        }
    }

    /// Connects some peers, then takes every other descriptor that is to be had.
    private static func exhaust(
        _ bench: Bench, peers count: Int, wait: Bool
    ) -> ([RawPeer], [Int32]) {
        let port = bench.server.listeners[0].address.port
        let peers = (0..<count).compactMap { _ in try? RawPeer(connectedTo: port, waits: wait) }
        precondition(peers.count == count, "peers connect")
        let limit = UInt64(peers[count - 1].number) + 64
        var soft: UInt64 = 0
        var hard: UInt64 = 0
        precondition(unsafe outcryLimit(&soft, &hard) == 0)
        precondition(outcrySetLimit(limit, hard) == 0)
        return (peers, takeAllDescriptors())
    }

    // The two tests below have a process each, for the limit is the process's. The test library's threads
    // sometimes free a descriptor there, which the listener rightly takes: then they start over.

    @Test func withoutDescriptorsConnectionsAreTurnedAway() async {
        await #expect(processExitsWith: .success) {
            let bench = try Bench()
            var polls: UInt64 = 0
            var peers: [RawPeer] = []
            var held: [Int32] = []
            var tries = 0
            func start(_ my: Context) {
                tries += 1
                precondition(tries < 50, "somebody frees descriptors again and again")
                // Before all are taken: else theirs are free again when they go.
                peers = []
                for number in held { close(number) }
                polls = 0
                (peers, held) = Self.exhaust(bench, peers: 3, wait: true)
                my.after(.milliseconds(50), .probeMail, tries)
            }
            bench.server.started = { my in
                bench.server.listeners = [try my.listen(on: .loopback(port: 0))]
                start(my)
            }
            bench.server.accepted = { stream, my in
                stream.abort()
                start(my)
            }
            bench.server.mail = { attempt, my in
                guard attempt == tries else { return }
                if polls == 0 {
                    precondition(peers.allSatisfy { $0.read() == 0 }, "closed in order")
                    polls = my.kernel.snapshot().polls
                    my.after(.milliseconds(50), .probeMail, tries)
                } else {
                    precondition(my.kernel.snapshot().polls - polls <= 4, "no spinning")
                    precondition(bench.reactor.reserve != nil)
                    exit(0)
                }
            }
            try bench.run()
            exit(1)
        }
    }

    /// Not even the reserve is to be had: the listener waits, and goes on when there are descriptors again.
    @Test func withoutAReserveTheListenerWaits() async {
        await #expect(processExitsWith: .success) {
            let bench = try Bench()
            var peers: [RawPeer] = []
            var held: [Int32] = []
            var polls: UInt64 = 0
            var tries = 0
            var isOver = false
            func start(_ my: Context) {
                tries += 1
                precondition(tries < 200, "somebody frees descriptors again and again")
                // Before all are taken: else theirs are free again when they go.
                peers = []
                for number in held { close(number) }
                bench.reactor.reserve = nil
                (peers, held) = Self.exhaust(bench, peers: 1, wait: false)
                polls = my.kernel.snapshot().polls
                my.after(.milliseconds(120), .probeMail, tries)
            }
            bench.server.started = { my in
                bench.server.listeners = [try my.listen(on: .loopback(port: 0))]
                start(my)
            }
            bench.server.mail = { attempt, my in
                guard attempt == tries else { return }
                guard peers[0].read() < 0, bench.reactor.reserve == nil else { return start(my) }
                let turns = my.kernel.snapshot().polls - polls
                precondition(turns <= 8, "looks again now and then, and does not spin")
                isOver = true
                // One for the reserve, one for the connection, some for threads of the test library.
                for number in held.prefix(20) { close(number) }
            }
            bench.server.accepted = { stream, my in
                guard isOver else {
                    stream.abort()
                    return start(my)
                }
                precondition(bench.reactor.reserve != nil)
                exit(0)
            }
            try bench.run()
            exit(1)
        }
    }

    /// What the system keeps unwritten for each connection of a listener is bounded where one says so.
    @Test func aListenersConnectionsInheritTheSystemsBuffer() throws {
        let bench = try Bench()
        var ids: [TransportID] = []
        bench.kernel.onInput = { if case .accepted(_, let id, _) = $0 { ids.append(id) } }
        bench.server.started = { my in
            for bytes in [nil, 32 << 10] {
                var options = StreamOptions()
                options.systemBuffer = bytes
                let listener = try my.listen(on: .loopback(port: 0), options: options)
                bench.server.listeners.append(listener)
            }
        }
        bench.client.started = { my in
            bench.client.streams = bench.server.listeners.map {
                my.connect(to: .address($0.address))
            }
        }
        var sizes: [Int32] = []
        bench.server.accepted = { _, my in
            guard ids.count == 2 else { return }
            sizes = ids.compactMap { bench.reactor.socket($0)?.descriptor.number }
                .map { outcry_get_option($0, SOL_SOCKET, SO_SNDBUF) }
            my.kernel.stop()
        }
        try bench.run()
        #expect(sizes.contains(64 << 10), "\(sizes)")
        #expect(sizes.contains { $0 > 64 << 10 }, "\(sizes)")
    }
}
