using System.Buffers.Binary;
using System.Text;
using Bitcoin.Hosting;
using Bitcoin.Primitives;
using Microsoft.Data.Sqlite;

namespace Bitcoin.Wallet.Storage;

/// <summary>
/// A wallet's file: SQLite with one table of keys and values, as Bitcoin Core's descriptor wallets have it.
/// </summary>
/// <remarks>
/// Belongs to its wallet, whose gate every call is made under. A change is on the disk when the call returns.
/// </remarks>
internal sealed class WalletDatabase : IDisposable
{
    internal const string FileName = "wallet.dat";

    /// <summary>How the names of copies begin that stand beside the file while they are made.</summary>
    internal const string CopyPrefix = ".copy-of-wallet-";

    private const int SchemaVersion = 0;
    private const int HeaderBytes = 512;
    private const int IdAt = 68;
    private const int Busy = 5;
    private const int Corrupt = 11;
    private const int NotADatabase = 26;
    private const string Prefix = "SQLiteDatabase: ";

    private readonly string _path;
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private SqliteTransaction? _transaction;

    private WalletDatabase(string path, SqliteConnection connection)
    {
        _path = path;
        _connection = connection;
    }

    internal string Path => _path;

    /// <summary>Opens a wallet's file, alone: nobody else can until it is disposed.</summary>
    /// <param name="directory">The wallet's directory.</param>
    /// <param name="magic">The four bytes of the network, which a wallet of another one does not have.</param>
    /// <param name="isNew">Whether to make it.</param>
    /// <param name="waitsForDisk">Whether a change is on the disk when it is acknowledged. False in tests only.</param>
    /// <exception cref="WalletFileException">It cannot be opened, or is not a wallet of the network.</exception>
    internal static WalletDatabase Open(string directory, ReadOnlyMemory<byte> magic, bool isNew, bool waitsForDisk)
    {
        string path = System.IO.Path.Combine(directory, FileName);
        SqliteConnection? connection = null;
        try
        {
            if (isNew)
            {
                Directory.CreateDirectory(directory);
                MakePrivate(path);
            }

            connection = new SqliteConnection(new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Pooling = false,
                Mode = SqliteOpenMode.ReadWrite,
                DefaultTimeout = 1
            }.ToString());
            connection.Open();
            WalletDatabase database = new(path, connection);
            database.Lock();

            // A confined process has no directory for temporary files.
            database.Execute("PRAGMA temp_store = MEMORY");
            database.Execute(waitsForDisk ? "PRAGMA fullfsync = true" : "PRAGMA synchronous = OFF");
            int id = BinaryPrimitives.ReadInt32BigEndian(magic.Span);
            if (isNew)
            {
                database.Execute("CREATE TABLE main(key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL)");
                database.Execute($"PRAGMA application_id = {id}");
                database.Execute($"PRAGMA user_version = {SchemaVersion}");
            }

            database.Check(id);
            return database;
        }
        catch (SqliteException exception)
        {
            connection?.Dispose();
            throw Failure(exception);
        }
        catch (Exception exception) when (exception
            is (IOException or UnauthorizedAccessException) and not WalletFileException)
        {
            connection?.Dispose();
            throw new WalletFileException(
                $"{Prefix}Failed to open database in directory '{directory}': {exception.Message}", exception);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    /// <summary>Whether a file is a wallet of the network, by its first bytes.</summary>
    internal static bool IsWallet(string path, ReadOnlyMemory<byte> magic)
    {
        try
        {
            using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            Span<byte> head = stackalloc byte[HeaderBytes];
            return file.ReadAtLeast(head, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes
                && head.StartsWith("SQLite format 3\0"u8)
                && head.Slice(IdAt, magic.Length).SequenceEqual(magic.Span);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        foreach (SqliteCommand command in _commands.Values)
        {
            command.Dispose();
        }

        _transaction?.Dispose();
        _connection.Dispose();
    }

    internal void Write(byte[] key, byte[] value)
        => Guard(() => Prepare("INSERT OR REPLACE INTO main(key, value) VALUES(?1, ?2)", key, value).ExecuteNonQuery());

    internal byte[]? Read(byte[] key)
        => Guard(() => Prepare("SELECT value FROM main WHERE key = ?1", key).ExecuteScalar() as byte[]);

    internal void Erase(byte[] key) => Guard(() => Prepare("DELETE FROM main WHERE key = ?1", key).ExecuteNonQuery());

    internal void ErasePrefix(byte[] prefix)
    {
        foreach ((byte[] key, _) in WithPrefix(prefix))
        {
            Erase(key);
        }
    }

    /// <summary>
    /// The records whose keys begin with some bytes, in the order of their keys; all of them for none.
    /// </summary>
    internal List<(byte[] Key, byte[] Value)> WithPrefix(byte[] prefix)
    {
        return Guard(() =>
        {
            // Text is compared by the bytes of a prefix as its own length begins the key: an upper bound is the prefix
            // with its last byte one higher.
            byte[]? end = Next(prefix);
            using SqliteDataReader rows = (end is null
                ? Prepare("SELECT key, value FROM main WHERE key >= ?1 ORDER BY key", prefix)
                : Prepare("SELECT key, value FROM main WHERE key >= ?1 AND key < ?2 ORDER BY key", prefix, end))
                .ExecuteReader();
            List<(byte[], byte[])> records = [];
            while (rows.Read())
            {
                records.Add((Bytes(rows, 0), Bytes(rows, 1)));
            }

            return records;
        });
    }

    /// <summary>
    /// Makes several changes one: all of them are on the disk, or none. One within another belongs to it.
    /// </summary>
    internal void InTransaction(Action write)
    {
        if (_transaction is not null)
        {
            write();
            return;
        }

        Guard(() =>
        {
            using SqliteTransaction transaction = _connection.BeginTransaction();
            _transaction = transaction;
            try
            {
                write();
                transaction.Commit();
            }
            finally
            {
                _transaction = null;
            }

            return true;
        });
    }

    /// <summary>Writes the file anew, so that nothing is left in it of what was erased.</summary>
    internal void Rewrite() => Guard(() =>
    {
        Execute("VACUUM");
        return true;
    });

    /// <summary>Copies the file, whole, to another place.</summary>
    internal void Backup(string path)
    {
        MakePrivate(path);
        Guard(() =>
        {
            using SqliteConnection copy = new(
                new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
            copy.Open();
            _connection.BackupDatabase(copy);
            return true;
        });
    }

    // Before SQLite makes it, which would let others read it.
    private static void MakePrivate(string path) => PrivateFiles.Create(path).Dispose();

    private static byte[] Bytes(SqliteDataReader rows, int column)
        => rows.IsDBNull(column) ? [] : (byte[])rows.GetValue(column);

    private static byte[]? Next(byte[] prefix)
    {
        byte[] next = [.. prefix];
        for (int i = next.Length - 1; i >= 0; i--)
        {
            if (next[i] != byte.MaxValue)
            {
                next[i]++;
                return next[..(i + 1)];
            }
        }

        return null;
    }

    private void Lock()
    {
        try
        {
            Execute("PRAGMA locking_mode = exclusive");
            Execute("BEGIN EXCLUSIVE TRANSACTION");
            Execute("COMMIT");
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == Busy)
        {
            throw new WalletFileException(
                $"{Prefix}Unable to obtain an exclusive lock on the database, is it being used by another instance of "
                    + $"{Currency.Names.Client}?",
                exception);
        }
    }

    private void Check(int id)
    {
        int found = Number("PRAGMA application_id");
        if (found != id)
        {
            throw new WalletFileException(
                $"{Prefix}Unexpected application id. Expected {unchecked((uint)id)}, got {unchecked((uint)found)}");
        }

        int version = Number("PRAGMA user_version");
        if (version != SchemaVersion)
        {
            throw new WalletFileException(
                $"{Prefix}Unknown sqlite wallet schema version {version}. Only version {SchemaVersion} is supported");
        }

        StringBuilder faults = new();
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        using SqliteDataReader rows = command.ExecuteReader();
        while (rows.Read())
        {
            if (rows.GetString(0) is not "ok" and { } fault)
            {
                faults.Append(faults.Length == 0 ? "Failed to verify database\n" : "").Append(fault).Append('\n');
            }
        }

        if (faults.Length > 0)
        {
            throw new WalletFileException(faults.ToString());
        }
    }

    private int Number(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt32(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private void Execute(string sql)
    {
        using SqliteCommand command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<byte[]> values)
    {
        if (!_commands.TryGetValue(sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (int i = 0; i < values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter($"?{i + 1}", SqliteType.Blob));
            }

            _commands.Add(sql, command);
        }

        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        command.Transaction = _transaction;
        return command;
    }

    private static T Guard<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (SqliteException exception)
        {
            throw Failure(exception);
        }
    }

    private static WalletFileException Failure(SqliteException exception)
    {
        string text = exception.SqliteErrorCode is Corrupt or NotADatabase
            ? "Failed to verify database\n"
            : $"{Prefix}Failed to open database: ";
        return new WalletFileException($"{text}{exception.Message}", exception);
    }
}
