import Foundation
import Glibc

/// A terminal for a program, and somebody who has typed something at it.
final class Typist {
    /// What the program reads.
    let terminal: FileHandle
    private let keyboard: FileHandle

    struct NoTerminal: Error {}

    init(_ text: String) throws {
        // As posix_openpt, unlockpt and ptsname do, which Swift does not see.
        let master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var locks: Int32 = 0
        var number: UInt32 = 0
        let (setLock, getNumber) = (UInt(0x4004_5431), UInt(0x8004_5430))
        guard master >= 0, unsafe ioctl(master, setLock, &locks) == 0,
            unsafe ioctl(master, getNumber, &number) == 0
        else { throw NoTerminal() }
        let slave = unsafe open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
        guard slave >= 0 else { throw NoTerminal() }
        terminal = FileHandle(fileDescriptor: slave, closeOnDealloc: true)
        keyboard = FileHandle(fileDescriptor: master, closeOnDealloc: true)
        // Waits in the line of the terminal until the program reads it.
        try keyboard.write(contentsOf: Array(text.utf8))
    }
}
