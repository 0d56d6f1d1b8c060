namespace Multiprocess.Hosting.Tests;

/// <summary>What the tests ask of a child.</summary>
[IpcInterface]
public interface IChild
{
    event Action<int>? Happened;

    int ProcessId { get; }

    int Add(int a, int b);

    string? Setting(string key);

    /// <summary>Calls the handlers of <see cref="Happened"/>.</summary>
    void Raise(int value);

    /// <summary>Logs one record with everything that a record can have.</summary>
    void LogWhole();

    /// <summary>Logs as many records, numbered from 0.</summary>
    void LogMany(int count);

    /// <summary>Logs in as many categories.</summary>
    void LogCategories(int count);

    /// <summary>Logs one long message.</summary>
    void LogLong(int characters);

    /// <summary>Writes a line to standard output, or to standard error.</summary>
    void Print(string line, bool toError);

    /// <summary>From now on the host's stop logs as many records, on its way and when it is disposed.</summary>
    void LogAtTheEnd(int count);

    /// <summary>From now on the host does not stop.</summary>
    void HangAtTheEnd();

    /// <summary>Ends the process at once.</summary>
    void Exit(int code);

    /// <summary>Stops the host from inside.</summary>
    void StopHost();

    /// <summary>Ends when it is cancelled, and says so.</summary>
    Task<string> WaitAsync(CancellationToken cancellationToken = default);
}
