using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Multiprocess;

/// <summary>Text that is wiped from memory when it is disposed: a password, a key, a token.</summary>
/// <remarks>
/// It crosses as text, always as if marked <see cref="IpcSensitiveAttribute"/>: the receiver gets a secret of its own,
/// to be disposed there, and the message buffers on both sides are wiped, those that waited for a slow peer too. Bytes
/// inside the operating system, and those that TLS holds, are not. Nor is what it was made from: a <see cref="string"/>
/// that holds the same text cannot be wiped, and stays until the collector reuses its memory, copies included; the same
/// goes for a <see cref="System.Text.Json.Nodes.JsonNode"/> and for whatever else parsed the text. Read a secret into
/// characters of your own, make a secret of them, and clear them. Not thread-safe while it is disposed.
/// </remarks>
public sealed class SecretString : IDisposable
{
    // Pinned, so that the collector leaves no copies behind.
    private readonly char[] _characters;
    private bool _isDisposed;

    /// <summary>Copies the text. The original is the caller's to wipe.</summary>
    public SecretString(ReadOnlySpan<char> text)
    {
        _characters = GC.AllocateUninitializedArray<char>(text.Length, pinned: true);
        text.CopyTo(_characters);
    }

    /// <summary>Takes an array of its own that was allocated pinned.</summary>
    internal SecretString(char[] pinned) => _characters = pinned;

    /// <summary>How many characters it has.</summary>
    public int Length => Reveal().Length;

    /// <summary>The text itself, valid until the secret is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public ReadOnlySpan<char> Reveal()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return _characters;
    }

    /// <summary>Whether both have the same text, in a time that does not depend on where they differ.</summary>
    public bool HasSameText(SecretString other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(Reveal()), MemoryMarshal.AsBytes(other.Reveal()));
    }

    /// <summary>Says nothing of the text.</summary>
    public override string ToString() => "(secret)";

    /// <summary>Wipes the text.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(MemoryMarshal.AsBytes(_characters.AsSpan()));
    }
}
