using System.Diagnostics;
using Multiprocess.Benchmarks.Measuring;

namespace Multiprocess.Peers.Peers;

/// <summary>The client's end of a server in a process of its own, by one library.</summary>
internal abstract class Peer : IDisposable
{
    /// <summary>What it is called in tables.</summary>
    public abstract string Name { get; }

    /// <summary>Adds two numbers as the library's users would, whether that blocks or is awaited.</summary>
    public abstract Subject Call(int calls);

    /// <summary>The same, and the server asks this side for a number meanwhile; null where it cannot.</summary>
    public abstract Subject? Callback(int calls);

    /// <summary>Sends bytes and gets them back.</summary>
    public abstract Subject Echo(int calls, byte[] bytes);

    /// <summary>Adds, blocking the calling thread.</summary>
    public abstract void Add();

    public abstract Task AddAsync();

    /// <summary>Bytes that the server's process has allocated in all.</summary>
    public abstract long ServerAllocatedBytes();

    public abstract void Dispose();
}

/// <summary>A server of another library: this program once more, which ends when its standard input does.</summary>
internal sealed class PeerProcess : IDisposable
{
    public const string Ready = "ready";

    private readonly Process _process;

    public PeerProcess(string argument)
    {
        Folder = Directory.CreateTempSubdirectory("peer").FullName;
        _process = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [argument, Folder])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        if (_process.StandardOutput.ReadLine() != Ready)
        {
            throw new IOException($"The server '{argument}' did not start.");
        }
    }

    /// <summary>Where the server has its socket.</summary>
    public string Folder { get; }

    public static string Socket(string folder) => Path.Combine(folder, "peer.sock");

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
