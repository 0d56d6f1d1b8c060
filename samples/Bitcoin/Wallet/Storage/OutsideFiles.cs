using Bitcoin.Hosting;
using Bitcoin.Interfaces;

namespace Bitcoin.Wallet.Storage;

/// <summary>
/// Files that commands name, anywhere: opened here, or by the node for a process that is confined to its wallets.
/// </summary>
internal sealed class OutsideFiles(IChain chain, bool isConfined)
{
    /// <summary>Opens a file to read.</summary>
    /// <exception cref="IOException">It cannot be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be opened.</exception>
    internal Stream Read(string path) => isConfined
        ? new FileStream(chain.OpenNamedFile(path, isNew: false), FileAccess.Read)
        : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

    /// <summary>Copies a wallet's file, whole, to a file.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    internal void Backup(WalletDatabase database, string path)
    {
        if (!isConfined)
        {
            database.Backup(path);
            return;
        }

        // SQLite writes to a name, and no name outside can be opened here.
        string whole = CopyName(database);
        try
        {
            database.Backup(whole);
            CopyOut(whole, path);
        }
        finally
        {
            File.Delete(whole);
        }
    }

    /// <summary>Writes a wallet's file that another wallet makes to a new file.</summary>
    /// <param name="database">The other wallet's; the file is made beside it first.</param>
    /// <param name="write">Makes the file, in a directory that does not exist.</param>
    /// <param name="path">The new file.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    internal void Export(WalletDatabase database, Action<string> write, string path)
    {
        string directory = CopyName(database);
        try
        {
            write(directory);
            CopyOut(Path.Combine(directory, WalletDatabase.FileName), path);
        }
        finally
        {
            WalletOpening.Remove(directory);
        }
    }

    private static string CopyName(WalletDatabase database)
        => Path.Combine(
            Path.GetDirectoryName(database.Path)!, WalletDatabase.CopyPrefix + Guid.NewGuid().ToString("N"));

    private void CopyOut(string from, string to)
    {
        using FileStream source = new(from, FileMode.Open, FileAccess.Read);
        using FileStream copy = isConfined
            ? new FileStream(chain.OpenNamedFile(to, isNew: true), FileAccess.Write)
            : PrivateFiles.Create(to);
        source.CopyTo(copy);
        copy.Flush(flushToDisk: true);
    }

    /// <summary>Copies a file to a new one that is for its owner only.</summary>
    /// <exception cref="IOException">It cannot be copied, or there is such a file.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be copied.</exception>
    internal void CopyHere(string from, string to)
    {
        using Stream source = Read(from);
        using FileStream copy = PrivateFiles.CreateNew(to);
        source.CopyTo(copy);
        copy.Flush(flushToDisk: true);
    }
}
