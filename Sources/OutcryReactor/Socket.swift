import COutcrySystem
import Glibc
import OutcryKernel

/// One transport: its descriptor, what the kernel wants of it, and what epoll was told.
final class Socket {
    enum Kind {
        /// `departing`: closed for the kernel, see `Reactor.depart`.
        case connecting, stream, listener, departing
    }

    // The large fields first: an idle connection has one of these, and 64 bytes are enough.
    let id: TransportID
    /// Keeps the file of a listener on a path.
    let file: SocketFile?
    /// Of a secret transport: what makes it so.
    @safe @exclusivity(unchecked) var tls: TLSConnection?
    let descriptor: Descriptor
    /// What epoll was told; nil: it does not watch.
    @safe @exclusivity(unchecked) var watched: UInt32?
    @safe @exclusivity(unchecked) var kind: Kind
    /// The kernel wants to read (or accept).
    @safe @exclusivity(unchecked) var reads = true
    /// The kernel had no room, or the process no descriptors: looked at again later.
    @safe @exclusivity(unchecked) var isMuted = false
    /// The kernel had no room at the last read. Mostly it has when its work is done, so that epoll is told only before
    /// it waits (``isMuted``): a stream that brings more than a turn takes would cost two calls of the system a read.
    @safe @exclusivity(unchecked) var isFull = false
    /// The other side has ended its half.
    @safe @exclusivity(unchecked) var hasEnded = false
    /// A write took less than all.
    @safe @exclusivity(unchecked) var wantsWrite = false
    /// An error or a hang-up was seen: epoll tells it again and again while it watches at all.
    @safe @exclusivity(unchecked) var isBroken = false

    init(
        _ descriptor: consuming Descriptor, _ id: TransportID, _ kind: Kind, file: SocketFile? = nil
    ) {
        self.descriptor = descriptor
        self.id = id
        self.kind = kind
        self.file = file
    }

    /// What epoll should watch for.
    var interest: UInt32 {
        guard kind != .connecting else { return Flags.writable }
        return (wantsRead ? Flags.readable : 0) | (wantsWrite ? Flags.writable : 0)
    }

    private var wantsRead: Bool { reads && !isMuted && !hasEnded }
    var isReading: Bool { wantsRead && !isFull }

    /// Where the other side is.
    var peer: SocketAddress {
        var raw = RawAddress()
        let number = descriptor.number
        _ = unsafe raw.fill { unsafe getpeername(number, $0, $1) }
        return raw.address
    }

    /// The error that the system keeps for the socket; 0 for none. Asking clears it.
    func takeError() -> Int32 {
        outcry_get_option(descriptor.number, SOL_SOCKET, SO_ERROR)
    }
}

/// The file of a listener on a path, removed when the listener is closed, if it is still that file.
final class SocketFile {
    private let path: String
    private let device: dev_t
    private let inode: ino_t

    /// Remembers which file `path` is now.
    init?(_ path: String) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return nil }
        self.path = path
        device = status.st_dev
        inode = status.st_ino
    }

    deinit {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_dev == device, status.st_ino == inode
        else { return }
        _ = unsafe unlink(path)
    }
}
