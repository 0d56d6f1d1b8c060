namespace Multiprocess.Hosting.Tests;

/// <summary>How long a test waits for what must come.</summary>
internal static class Bounds
{
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(60);

    /// <summary>The tests' program, which is beside the tests.</summary>
    public static string Program { get; } = Path.Combine(
        AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "hosting-program.exe" : "hosting-program");
}
