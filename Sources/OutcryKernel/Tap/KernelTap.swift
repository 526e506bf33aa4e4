/// Who sees everything that a kernel learns, in its order: a recorder, or a replay in the place of the world.
package protocol KernelTap: AnyObject {
    /// Is shown every input before it takes effect.
    func input(_ input: borrowing Input, _ kernel: Kernel)

    /// Is to take what was dispatched: ``Kernel/takeTape(_:)``. Called where no more can be noted.
    func dispatched(_ kernel: Kernel)

    /// Whether what the program learns past the kernel is known already, and what it is.
    func known(_ name: String) -> (isKnown: Bool, bytes: [UInt8]?)

    /// Whether there are letters to be opened now.
    func hasMail(_ mail: Mail) -> Bool

    /// Opens the letters: ``Kernel/opened(_:)``.
    func takeMail(_ mail: Mail, _ kernel: Kernel)

    /// A run has come to its end.
    ///
    /// - Parameter isFinished: Everybody has stopped.
    func runEnded(_ kernel: Kernel, isFinished: Bool)

    /// There is no kernel any more.
    func kernelGone()
}

extension KernelTap {
    package func known(_ name: String) -> (isKnown: Bool, bytes: [UInt8]?) { (false, nil) }
    package func hasMail(_ mail: Mail) -> Bool { !mail.isEmpty }
    package func kernelGone() {}
}

extension Kernel {
    /// Learns something past the kernel, as an input: a setting of the environment, a key that a library makes,
    /// a file that is read at the start. A journal keeps it, and a replay does not call `make`.
    ///
    /// - Parameters:
    ///   - name: What it is; a replay compares it.
    ///   - make: Its bytes, or nil.
    public func outside(_ name: String, _ make: () throws -> [UInt8]?) rethrows -> [UInt8]? {
        if let known = tap?.known(name), known.isKnown {
            receive(.outside(name, known.bytes))
            return known.bytes
        }
        let bytes = try make()
        receive(.outside(name, bytes))
        return bytes
    }

    /// Opens one letter.
    package func opened(_ item: MailItem) { open(item) }

    /// Delivers a letter that was recorded as bytes.
    ///
    /// - Returns: False where there is no such mailbox, or it has no codec.
    package func openRecorded(mailbox number: Int, _ bytes: [UInt8]) throws -> Bool {
        guard mailboxes.indices.contains(number), let open = mailboxes[number] else {
            return false
        }
        receive(.mail)
        cause = 0
        if watcher != nil { origin = KernelOrigin.letter.word }
        defer {
            cause = nil
            origin = 0
        }
        try open(self, bytes)
        return true
    }
}
