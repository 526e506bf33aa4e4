import OutcryCrypto

/// The user's name and password at a proxy. They are in no text that is made of it.
public struct ProxyCredentials: Hashable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible, CustomReflectable
{
    let user: String
    let password: String

    /// Makes credentials.
    ///
    /// - Throws: ``CodecError`` (unwritable) for a name that is empty or has a colon or a control character,
    ///   and for more than 255 bytes of either (RFC 1929, RFC 7617).
    public init(user: String, password: String) throws(CodecError) {
        for (part, text) in [("the user's name", user), ("the password", password)] {
            guard text.utf8.count <= 255, !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F })
            else {
                throw CodecError(
                    .unwritable, at: 0, expected: "at most 255 bytes without control characters",
                    found: "something else in \(part)")
            }
        }
        guard !user.isEmpty, !user.utf8.contains(0x3A) else {
            throw CodecError(
                .unwritable, at: 0, expected: "a user's name without ':'",
                found: user.isEmpty ? "an empty one" : "one with ':'")
        }
        self.user = user
        self.password = password
    }

    /// The value of Proxy-Authorization (RFC 7617): a secret.
    public var basic: String { "Basic " + Base64.encode(Array("\(user):\(password)".utf8)) }

    /// That there are some.
    public var description: String { "(secret)" }
    /// That there are some.
    public var debugDescription: String { description }
    /// Shows nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
