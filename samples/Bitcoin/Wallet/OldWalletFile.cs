using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Bitcoin.Primitives;

namespace Bitcoin.Wallet;

/// <summary>
/// The file of a wallet in the form before descriptors. It has the seed of the receive scripts; payments to them are
/// found on the chain.
/// </summary>
/// <param name="Version">The version of the file format.</param>
/// <param name="Seed">Makes this wallet's scripts unique. In hexadecimal digits.</param>
/// <param name="Labels">The label of each script, in order.</param>
internal sealed record OldWalletFile(int Version, string Seed, IReadOnlyList<string> Labels)
{
    private const string LockName = ".walletlock";

    /// <summary>Reads a file; null if it is damaged or may not be read.</summary>
    internal static OldWalletFile? TryRead(string path)
    {
        try
        {
            return SafeFile.ReadChecked(path) is { } bytes
                ? JsonSerializer.Deserialize(bytes, OldWalletFileContext.Default.OldWalletFile)
                : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// Locks a wallet against other processes until the result is disposed; null if another process has locked it.
    /// </summary>
    internal static IDisposable? TryLock(string directory)
    {
        try
        {
            return new FileStream(
                Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The secret number that a script of this wallet asks for. Such a script has no keys.</summary>
    internal byte[] WitnessScript(int index)
    {
        byte[] tag = SHA256.HashData([.. Convert.FromHexString(Seed), .. BitConverter.GetBytes(index)]);
        return [(byte)tag.Length, .. tag, 0x75, 0x51];
    }

    /// <summary>The output script that pays to the wallet.</summary>
    internal byte[] ReceiveScript(int index) => [0, SHA256.HashSizeInBytes, .. SHA256.HashData(WitnessScript(index))];
}

/// <summary>Reads the file without reflection, so that native compilation keeps what is needed for it.</summary>
[JsonSerializable(typeof(OldWalletFile))]
internal sealed partial class OldWalletFileContext : JsonSerializerContext;
