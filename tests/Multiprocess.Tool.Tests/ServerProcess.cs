using System.Diagnostics;

namespace Multiprocess.Tool.Tests;

/// <summary>A server in a process of its own, which ends with the test.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;
    private readonly string _directory = Directory.CreateTempSubdirectory("mpt").FullName;

    /// <summary>Starts the shop.</summary>
    /// <param name="introspection">Who may ask.</param>
    /// <param name="records">Whether it records.</param>
    public ServerProcess(IpcIntrospection introspection = IpcIntrospection.SameUser, bool records = false)
    {
        Path = System.IO.Path.Combine(_directory, "shop.sock");
        RecordFolder = System.IO.Path.Combine(_directory, "records");
        string[] args = records
            ? [Address, introspection.ToString(), RecordFolder]
            : [Address, introspection.ToString()];
        _process = Process.Start(
            new ProcessStartInfo(System.IO.Path.Combine(AppContext.BaseDirectory, "multiprocess-tool-server"), args)
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
        Assert.That(_process.StandardOutput.ReadLine(), Is.EqualTo("serving"));
    }

    public string Path { get; }

    public string Address => $"unix:{Path}";

    public string RecordFolder { get; }

    public int Id => _process.Id;

    /// <summary>Has it raise its events.</summary>
    public void Sell(string article)
    {
        _process.StandardInput.WriteLine(article);
        _process.StandardInput.Flush();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
