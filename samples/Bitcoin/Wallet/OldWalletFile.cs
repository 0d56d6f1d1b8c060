using System.Security.Cryptography;
using System.Text.Json;
using Bitcoin.Primitives;

namespace Bitcoin.Wallet;

/// <summary>
/// What a wallet keeps on disk: what its receive scripts are made of. What was paid to them is found on the chain.
/// </summary>
/// <param name="Version">The form of the file.</param>
/// <param name="Seed">Distinguishes this wallet's scripts from all others', in hexadecimal digits.</param>
/// <param name="Labels">The account of each script, in order.</param>
internal sealed record OldWalletFile(int Version, string Seed, IReadOnlyList<string> Labels)
{
    private const string LockName = ".walletlock";

    /// <summary>Reads a file; null when it is damaged, or may not be read.</summary>
    internal static OldWalletFile? TryRead(string path)
    {
        try
        {
            return SafeFile.ReadChecked(path) is { } bytes ? JsonSerializer.Deserialize<OldWalletFile>(bytes) : null;
        }
        catch (Exception exception) when (exception is JsonException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps other processes off a wallet until the result is disposed; null when one has it.</summary>
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

    /// <summary>
    /// What a script of this wallet asks for: a number that only this wallet would choose, and nothing else, as there
    /// are no keys yet.
    /// </summary>
    internal byte[] WitnessScript(int index)
    {
        byte[] tag = SHA256.HashData([.. Convert.FromHexString(Seed), .. BitConverter.GetBytes(index)]);
        return [(byte)tag.Length, .. tag, 0x75, 0x51];
    }

    /// <summary>The output script that pays to it.</summary>
    internal byte[] ReceiveScript(int index) => [0, SHA256.HashSizeInBytes, .. SHA256.HashData(WitnessScript(index))];
}
