import COutcrySystem
import Glibc
import OutcryKernel

/// The door at which a running program can be looked at: who connects, and is the same user, gets one document
/// and the end. Nothing is read from him, so nothing can be asked for but that.
///
/// It is the reactor's own and no part of the kernel: no session, no event and no input comes of it, nobody lives
/// for it, and a journal knows nothing of it but that a wait was over.
final class InspectionDoor {
    /// Who does not read what he asked for gives way to the next but three.
    static let places = 4
    /// What epoll calls the door, and behind it each of the places.
    static let word: UInt64 = 8

    private final class Answer {
        let descriptor: Descriptor
        let bytes: [UInt8]
        var sent = 0
        var isWatched = false

        init(_ descriptor: consuming Descriptor, _ bytes: [UInt8]) {
            self.descriptor = descriptor
            self.bytes = bytes
        }

        /// - Returns: Whether something is left to be sent.
        func send() -> Bool {
            while sent < bytes.count {
                let number = descriptor.number
                let count = unsafe bytes.withUnsafeBufferPointer { all in
                    unsafe Glibc.send(
                        number, all.baseAddress.map { unsafe $0 + sent }, all.count - sent,
                        Int32(MSG_NOSIGNAL))
                }
                if count < 0 { return errno == EAGAIN }
                sent += count
            }
            return false
        }
    }

    private let listener: Descriptor
    /// Removed with the door.
    private let file: SocketFile?
    private let epoll: Epoll
    private var answers: [Answer?] = Array(repeating: nil, count: places)
    private var nextPlace = 0
    private var lastLook = KernelTime.zero
    private var lastDispatched: UInt64 = 0
    private var isOpen = true

    /// Opens the door of this process.
    ///
    /// - Throws: Where that cannot be, which is no reason for the program not to run.
    init(_ epoll: Epoll) throws(SystemError) {
        self.epoll = epoll
        let folder = try SessionFolder.make()
        SessionFolder.sweep(folder)
        // The second kernel of a process has its number behind the process's, and so on.
        var number = 1
        while true {
            let path = "\(folder)/\(getpid())" + (number == 1 ? "" : "-\(number)")
            let raw = try RawAddress(.unix(path))
            let descriptor = try Reactor.makeSocket(raw)
            do throws(SystemError) {
                try Reactor.bind(descriptor.number, raw, path)
            } catch {
                guard error.code == EADDRINUSE, number < 64 else { throw error }
                number += 1
                continue
            }
            file = SocketFile(path)
            guard listen(descriptor.number, 4) == 0 else { throw SystemError(last: "listen") }
            listener = descriptor
            break
        }
        try epoll.add(listener.number, Flags.readable, Self.word)
    }

    /// Acts on what epoll says of the door or of one of its places.
    func ready(_ word: UInt64, _ kernel: Kernel) {
        guard word == Self.word else {
            let place = Int(word - Self.word) - 1
            if answers[place]?.send() != true { forget(place) }
            return
        }
        for _ in 0..<Self.places where isOpen {
            let number = listener.number
            let result = outcry_accept(number, nil, nil)
            guard result >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                // Without a descriptor for him epoll would say so for ever.
                if errno != EAGAIN { close() }
                return
            }
            guard let descriptor = try? Descriptor(result, from: "accept") else { return }
            answer(descriptor, kernel)
        }
    }

    private func answer(_ descriptor: consuming Descriptor, _ kernel: Kernel) {
        var user: UInt32 = 0
        var process: Int32 = 0
        guard unsafe outcry_peer(descriptor.number, &user, &process) == 0, user == geteuid()
        else { return }
        let inspection = kernel.inspection()
        let now = inspection.snapshot.time
        let bytes = InspectionDocument(
            inspection,
            sinceLast: (now - lastLook, inspection.snapshot.dispatched - lastDispatched)
        ).bytes
        lastLook = now
        lastDispatched = inspection.snapshot.dispatched
        let answer = Answer(descriptor, bytes)
        guard answer.send() else { return }
        let place = answers.firstIndex { $0 == nil } ?? nextPlace
        nextPlace = (place + 1) % Self.places
        forget(place)
        do throws(SystemError) {
            try epoll.add(
                answer.descriptor.number, Flags.writable, Self.word + 1 + UInt64(place))
            answers[place] = answer
        } catch {}  // he gets what has gone
    }

    private func forget(_ place: Int) {
        guard let answer = answers[place] else { return }
        epoll.remove(answer.descriptor.number)
        answers[place] = nil
    }

    private func close() {
        isOpen = false
        epoll.remove(listener.number)
    }
}
