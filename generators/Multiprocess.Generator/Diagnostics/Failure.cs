namespace Multiprocess.Generator.Diagnostics;

/// <summary>Words for an exception of the generator's own that nobody expected.</summary>
internal static class Failure
{
    /// <summary>An exception in one line: what it is, what it says, and where it comes from.</summary>
    public static string Describe(Exception exception)
    {
        string where = (exception.StackTrace ?? "").Split('\n')[0].Trim();
        return $"{exception.GetType().Name}: {exception.Message.Replace("\r", "").Replace('\n', ' ')} {where}".TrimEnd();
    }
}
