namespace Multiprocess.Hosting.Tests;

/// <summary>What the tests serve behind ASP.NET Core.</summary>
[IpcInterface]
public interface IGate
{
    /// <summary>The user, as the server knows them.</summary>
    string Who();

    /// <summary>Calls the caller back.</summary>
    int Ask(Func<int, int> question);

    /// <summary>Gives back what it gets.</summary>
    byte[] Echo(byte[] bytes);

    /// <summary>Ends when it is cancelled, and says so.</summary>
    Task<string> WaitAsync(CancellationToken cancellationToken = default);
}
