using System.Globalization;
using System.Security.Cryptography;
using Bitcoin.Hosting;
using Bitcoin.Primitives;
using Bitcoin.Wallet.Keys;
using Bitcoin.Wallet.Storage;

namespace Bitcoin.Wallet;

/// <summary>
/// Commands for a wallet's file that no program has open. Commands, output and dump file are those of Bitcoin Core's
/// bitcoin-wallet.
/// </summary>
public sealed class OfflineCommands
{
    /// <summary>The list of the commands, for -help.</summary>
    public const string Usage =
        """
          info                     Show what is in a wallet's file
          create                   Make the file of a new wallet
          dump                     Write all records of a wallet to the file of -dumpfile
          createfromdump           Make a wallet of the records in the file of -dumpfile
        """;

    private const int KeyPoolSize = 1000;
    private const string Info = "info";
    private const string Create = "create";
    private const string Dump = "dump";
    private const string FromDump = "createfromdump";

    private readonly NetworkParameters _network;
    private readonly WalletPaths _paths;
    private readonly TextWriter _output;
    private readonly TimeProvider _clock;

    /// <summary>Creates the commands for the wallets of a directory.</summary>
    /// <param name="network">The network of the wallets.</param>
    /// <param name="directory">Where the wallets are.</param>
    /// <param name="output">Where to print answers.</param>
    /// <param name="clock">The time at which a new wallet's keys are created.</param>
    public OfflineCommands(
        NetworkParameters network, string directory, TextWriter output, TimeProvider? clock = null)
    {
        _network = network;
        _paths = new WalletPaths(directory, network);
        _output = output;
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>Whether a word is one of the commands.</summary>
    public static bool Has(string word) => word is Info or Create or Dump or FromDump;

    /// <summary>Runs a command.</summary>
    /// <param name="words">The command. More words are an error.</param>
    /// <param name="name">The wallet's name; null if none was given.</param>
    /// <param name="dumpFile">The dump file; null if none was given.</param>
    /// <exception cref="CommandException">The command fails. The message is for the user.</exception>
    public void Run(IReadOnlyList<string> words, string? name, string? dumpFile)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (words.Count > 1)
        {
            throw new CommandException(
                $"Additional arguments provided ({string.Join(", ", words.Skip(1).Select(LineText.Escape))}). Methods "
                    + "do not take arguments. Please refer to `-help`.");
        }

        string command = words[0];
        if (dumpFile is not null && command is Info or Create)
        {
            throw new CommandException(
                $"Invalid arguments provided: The -dumpfile option cannot be used with the '{command}' command.");
        }

        if (command is Create or FromDump && name is not { Length: > 0 })
        {
            throw new CommandException(
                name is null
                    ? "Wallet name must be provided when creating a new wallet."
                    : "Wallet name cannot be empty");
        }

        try
        {
            Run(command, name ?? "", dumpFile);
        }
        catch (Exception exception) when (exception is IOException
            or UnauthorizedAccessException
            or InvalidDataException
            or UnknownDescriptorException)
        {
            throw new CommandException(exception.Message);
        }
    }

    private void Run(string command, string name, string? dumpFile)
    {
        if (!_paths.TryFind(name, out string path, out string error))
        {
            throw new CommandException(error);
        }

        switch (command)
        {
            case Info:
                Show(name, path);
                break;
            case Create:
                MakeNew(name, path);
                break;
            case Dump:
                Write(path, dumpFile ?? throw Missing(command));
                break;
            default:
                Read(path, dumpFile ?? throw Missing(command));
                break;
        }
    }

    private static CommandException Missing(string command)
        => new($"No dump file provided. To use {command}, -dumpfile=<filename> must be provided.");

    private void Show(string name, string path)
    {
        using WalletDatabase database = Open(path);
        WalletRecords records = new(database);
        KeyRing keys = new(records, _network, gap: 1);
        keys.Load();
        AddressBook book = new(records, _network);
        book.Load();
        Show(name, records, keys, book);
    }

    private void Show(string name, WalletRecords records, KeyRing keys, AddressBook book)
    {
        WalletFlags flags = records.ReadFlags() ?? WalletFlags.None;
        DescriptorKeys[] active = [.. keys.Active];
        (string Label, string Value)[] lines =
            [
                ("Name", LineText.Escape(name)),
                ("Format", "sqlite"),
                ("Descriptors", YesNo((flags & WalletFlags.Descriptors) != 0)),
                ("Encrypted", YesNo(records.MasterKeys().Any())),
                (
                    "HD (hd seed available)",
                    YesNo(active.Length > 0 && active.All(static one => one.Descriptor.IsRange))),
                ("Keypool Size", Number(keys.PoolSize)),
                ("Transactions", Number(records.Transactions(_network.Network).Count())),
                ("Address Book", Number(book.Entries.Count())),
            ];
        _output.Write("Wallet info\n===========\n");
        foreach ((string label, string value) in lines)
        {
            _output.Write($"{label}: {value}\n");
        }
    }

    private void MakeNew(string name, string path)
    {
        string unfinished = Unfinished(path);
        try
        {
            WalletFile.Create(
                unfinished,
                WalletFlags.Descriptors,
                [],
                null,
                _clock.GetUtcNow().ToUnixTimeSeconds(),
                [],
                _network,
                new WalletOptions());
            _output.Write("Topping up keypool...\n");
            using (WalletDatabase database = Open(unfinished))
            {
                WalletRecords records = new(database);
                KeyRing keys = new(records, _network, KeyPoolSize);
                keys.Load();
                keys.TopUp(KeyPoolSize);
                Show(name, records, keys, new AddressBook(records, _network));
            }

            Finish(unfinished, path);
        }
        finally
        {
            WalletOpening.Remove(unfinished);
        }
    }

    private void Write(string path, string dumpFile)
    {
        string target = Path.GetFullPath(dumpFile);
        using WalletDatabase database = Open(path);
        if (Path.Exists(target))
        {
            throw new CommandException(
                $"File {target} already exists. If you are sure this is what you want, move it out of the way first.");
        }

        using (FileStream file = PrivateFiles.CreateNew(target))
        {
            DumpFile.Write(file, database.WithPrefix([]));
        }

        _output.Write(
            $"The dumpfile may contain private keys. To ensure the safety of your {Currency.Names.Currency}, do not share the dumpfile."
                + "\n");
    }

    private void Read(string path, string dumpFile)
    {
        string source = Path.GetFullPath(dumpFile);
        if (!File.Exists(source))
        {
            throw new CommandException($"Dump file {source} does not exist.");
        }

        using StreamReader reader = new(source);
        DumpFile.ReadHead(reader, out IncrementalHash hash);
        string unfinished = Unfinished(path);
        try
        {
            using (hash)
            using (WalletDatabase database = WalletDatabase.Open(
                unfinished, _network.Magic, isNew: true, waitsForDisk: true))
            {
                database.InTransaction(() =>
                {
                    foreach ((byte[] key, byte[] value) in DumpFile.ReadRecords(reader, hash))
                    {
                        database.Write(key, value);
                    }
                });
            }

            Finish(unfinished, path);
        }
        finally
        {
            WalletOpening.Remove(unfinished);
        }
    }

    private WalletDatabase Open(string path)
    {
        return !Path.Exists(path)
            ? throw new CommandException($"Failed to load database path '{path}'. Path does not exist.")
            : !_paths.IsWallet(path)
            ? throw new CommandException(
                $"Failed to load database path '{path}'. Data is not in recognized format.")
            : WalletDatabase.Open(path, _network.Magic, isNew: false, waitsForDisk: true);
    }

    // Created under another name and then renamed: a kill or an error leaves no incomplete wallet.
    private string Unfinished(string path)
    {
        return File.Exists(Path.Combine(path, WalletDatabase.FileName)) || File.Exists(path)
            ? throw new CommandException($"Failed to create database path '{path}'. Database already exists.")
            : Path.Combine(
                Path.GetDirectoryName(path) ?? _paths.Directory,
                WalletPaths.Unfinished + Guid.NewGuid().ToString("N"));
    }

    private static void Finish(string unfinished, string path)
    {
        DataDirectory.Create(path);
        File.Move(Path.Combine(unfinished, WalletDatabase.FileName), Path.Combine(path, WalletDatabase.FileName));
    }

    private static string YesNo(bool value) => value ? "yes" : "no";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
