using System.Security.Cryptography;
using System.Text;
using Multiprocess;

namespace Bitcoin.Wallet.Encryption;

/// <summary>A passphrase in UTF-8, at one place in memory until it is disposed and wiped.</summary>
internal sealed class SecretBytes : IDisposable
{
    private SecretBytes(ReadOnlySpan<char> text)
    {
        Bytes = GC.AllocateArray<byte>(Encoding.UTF8.GetByteCount(text), pinned: true);
        Encoding.UTF8.GetBytes(text, Bytes);
    }

    internal byte[] Bytes { get; }

    /// <summary>Takes over a passphrase, which is disposed.</summary>
    internal static SecretBytes Of(SecretString text)
    {
        using (text)
        {
            return new SecretBytes(text.Reveal());
        }
    }

    /// <summary>Takes over a passphrase of a JSON-RPC call, whose own text is not wiped.</summary>
    internal static SecretBytes Of(string text) => new(text);

    public void Dispose() => CryptographicOperations.ZeroMemory(Bytes);
}
