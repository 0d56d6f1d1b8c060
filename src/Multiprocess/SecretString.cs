using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Multiprocess;

/// <summary>Text that is wiped from memory when it is disposed: a password, a key, a token.</summary>
/// <remarks>
/// <para>
/// A secret is sent as text and always treated as if marked with <see cref="IpcSensitiveAttribute"/>: the receiver gets
/// its own secret and must dispose it, and the message buffers of both sides are wiped, including buffers that waited
/// for a slow peer. Buffers inside the operating system and inside TLS are not wiped.
/// </para>
/// <para>
/// The source of the text is not wiped either: a <see cref="string"/> with the same text, and its copies, stay in
/// memory until the garbage collector reuses that memory. The same applies to a
/// <see cref="System.Text.Json.Nodes.JsonNode"/> and to any other parser's result. Read a secret into your own
/// character buffer, create the secret from it, and clear the buffer. Not thread-safe during disposal.
/// </para>
/// </remarks>
public sealed class SecretString : IDisposable
{
    // Pinned, so that the garbage collector leaves no copies behind.
    private readonly char[] _characters;
    private bool _isDisposed;

    /// <summary>Copies the text. The caller must wipe the original.</summary>
    public SecretString(ReadOnlySpan<char> text)
    {
        _characters = GC.AllocateUninitializedArray<char>(text.Length, pinned: true);
        text.CopyTo(_characters);
    }

    /// <summary>Takes ownership of an array that was allocated pinned.</summary>
    internal SecretString(char[] pinned) => _characters = pinned;

    /// <summary>The number of characters.</summary>
    public int Length => Reveal().Length;

    /// <summary>The text itself, valid until the secret is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The secret was disposed.</exception>
    public ReadOnlySpan<char> Reveal()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _characters;
    }

    /// <summary>Whether both texts are equal. The time this takes does not depend on where they differ.</summary>
    public bool HasSameText(SecretString other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(
            MemoryMarshal.AsBytes(Reveal()), MemoryMarshal.AsBytes(other.Reveal()));
    }

    /// <summary>Returns a placeholder that does not reveal the text.</summary>
    public override string ToString() => "(secret)";

    /// <summary>Wipes the text.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_characters.AsSpan()));
    }
}
