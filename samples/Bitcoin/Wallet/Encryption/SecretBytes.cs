using System.Security.Cryptography;
using System.Text;
using Multiprocess;

namespace Bitcoin.Wallet.Encryption;

/// <summary>A passphrase in UTF-8, in one place in memory. Dispose wipes it.</summary>
internal sealed class SecretBytes : IDisposable
{
    private SecretBytes(ReadOnlySpan<char> text)
    {
        Bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text), pinned: true);
        Encoding.UTF8.GetBytes(text, Bytes);
    }

    internal byte[] Bytes { get; }

    /// <summary>Copies a passphrase, and disposes the original.</summary>
    internal static SecretBytes Of(SecretString text)
    {
        using (text)
        {
            return new SecretBytes(text.Reveal());
        }
    }

    /// <summary>Copies a passphrase of a JSON-RPC call. The text of the call is not wiped.</summary>
    internal static SecretBytes Of(string text) => new(text);

    public void Dispose() => CryptographicOperations.ZeroMemory(Bytes);
}
