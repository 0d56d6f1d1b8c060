namespace Multiprocess.Tests.Transports;

/// <summary>A directory for one test's sockets, with a short name and removed with all that is in it.</summary>
internal sealed class SocketDirectory : IDisposable
{
    public SocketDirectory() => Path = Directory.CreateTempSubdirectory("mp").FullName;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
