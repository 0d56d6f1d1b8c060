namespace Samples.Tests.Docs;

/// <summary>Makes an empty folder the current one, as a reader would begin in one.</summary>
internal sealed class InTemporaryFolder : IDisposable
{
    private readonly string _before = Environment.CurrentDirectory;
    private readonly string _folder = Directory.CreateTempSubdirectory("calc-").FullName;

    public InTemporaryFolder() => Environment.CurrentDirectory = _folder;

    public void Dispose()
    {
        Environment.CurrentDirectory = _before;
        Directory.Delete(_folder, recursive: true);
    }
}
