using Microsoft.Data.Sqlite;

namespace Bitcoin.Primitives;

/// <summary>
/// One SQLite file. Written data survives the end of the process at once, and a power failure after
/// <see cref="Flush"/>.
/// </summary>
/// <remarks>
/// Not thread-safe. All members throw <see cref="InvalidDataException"/> if the file is damaged, and
/// <see cref="IOException"/> if it cannot be read or written.
/// </remarks>
public sealed class Database : IDisposable
{
    // SQLite's error codes.
    private const int Corrupt = 11;
    private const int NotADatabase = 26;

    private readonly string? _path;
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _commands = new(StringComparer.Ordinal);
    private SqliteTransaction? _transaction;

    /// <summary>Opens a file, and creates it if there is none.</summary>
    /// <param name="path">The path; null for a database in memory.</param>
    public Database(string? path)
    {
        _path = path;
        if (path is not null && !File.Exists(path))
        {
            Make(path);
        }

        _connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path ?? ":memory:", Pooling = false }.ToString());
        try
        {
            _connection.Open();

            // Only one process may use the file: the first read takes the lock, which is then kept.
            Execute(
                "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA "
                    + "cache_size=-8000;");
        }
        catch (SqliteException exception)
        {
            _connection.Dispose();
            throw Failure(exception);
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SqliteCommand command in _commands.Values)
        {
            command.Dispose();
        }

        _transaction?.Dispose();
        _connection.Dispose();
    }

    /// <summary>Runs statements without parameters.</summary>
    public void Execute(string sql)
    {
        try
        {
            using SqliteCommand command = _connection.CreateCommand();
            command.CommandText = sql;
            command.Transaction = _transaction;
            command.ExecuteNonQuery();
        }
        catch (SqliteException exception)
        {
            throw Failure(exception);
        }
    }

    /// <summary>Runs a statement. It is prepared once; ?1 is the first parameter.</summary>
    public int Run(string sql, params ReadOnlySpan<object?> values)
    {
        try
        {
            return Prepare(sql, values).ExecuteNonQuery();
        }
        catch (SqliteException exception)
        {
            throw Failure(exception);
        }
    }

    /// <summary>The first column of the first row; null if there is no row.</summary>
    public object? Scalar(string sql, params ReadOnlySpan<object?> values)
    {
        try
        {
            return Prepare(sql, values).ExecuteScalar();
        }
        catch (SqliteException exception)
        {
            throw Failure(exception);
        }
    }

    /// <summary>The first row; null if there is no row.</summary>
    public T? First<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(read);
        try
        {
            using SqliteDataReader rows = Prepare(sql, values).ExecuteReader();
            return rows.Read() ? read(rows) : null;
        }
        catch (SqliteException exception)
        {
            throw Failure(exception);
        }
    }

    /// <summary>All rows. The same statement must not run twice at once.</summary>
    public IEnumerable<T> Query<T>(string sql, Func<SqliteDataReader, T> read)
    {
        using SqliteDataReader rows = Guard(() => Prepare(sql, []).ExecuteReader());
        while (Guard(rows.Read))
        {
            yield return read(rows);
        }
    }

    /// <summary>Runs an action in a transaction: all its changes are written, or none.</summary>
    public void InTransaction(Action write)
    {
        try
        {
            using SqliteTransaction transaction = _connection.BeginTransaction();
            _transaction = transaction;
            write();
            transaction.Commit();
        }
        catch (SqliteException exception)
        {
            throw Failure(exception);
        }
        finally
        {
            _transaction = null;
        }
    }

    /// <summary>Writes everything to the disk and waits for it.</summary>
    public void Flush() => Execute("PRAGMA wal_checkpoint(TRUNCATE);");

    // Creates the file before SQLite does: SQLite would make it readable for others.
    private static void Make(string path)
    {
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        new FileStream(path, options).Dispose();
    }

    private T Guard<T>(Func<T> act)
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

    private Exception Failure(SqliteException exception)
    {
        string message = $"{_path ?? "memory"}: {exception.Message}";
        return exception.SqliteErrorCode is Corrupt or NotADatabase
            ? new InvalidDataException(message, exception)
            : new IOException(message, exception);
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> values)
    {
        if (!_commands.TryGetValue(sql, out SqliteCommand? command))
        {
            command = _connection.CreateCommand();
            command.CommandText = sql;
            for (int i = 0; i < values.Length; i++)
            {
                command.Parameters.Add(new SqliteParameter($"?{i + 1}", null));
            }

            _commands.Add(sql, command);
        }

        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        command.Transaction = _transaction;
        return command;
    }
}
