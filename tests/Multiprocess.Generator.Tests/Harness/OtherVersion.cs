namespace Multiprocess.Generator.Tests.Harness;

/// <summary>
/// A peer whose contract is another version: compiled from source, and served at a socket of its own.
/// </summary>
internal sealed class OtherVersion : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ipc");
    private readonly IDisposable _server;

    private OtherVersion(string source)
    {
        Address = $"unix:{_folder.FullName}/peer.sock";
        var listen = GeneratorRun
            .Load(source)
            .GetExportedTypes()
            .Select(type => type.GetMethod("Listen"))
            .Single(method => method is not null)!;
        _server = (IDisposable)listen.Invoke(null, [Address])!;
    }

    public string Address { get; }

    /// <summary>Serves what the source's <c>Listen(string address)</c> returns.</summary>
    public static OtherVersion Listen(string source) => new(source);

    public void Dispose()
    {
        _server.Dispose();
        _folder.Delete(recursive: true);
    }
}
