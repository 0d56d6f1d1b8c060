using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Text;
using Bitcoin.Hosting;
using Bitcoin.Primitives;

namespace Bitcoin.GuiWeb.Host;

/// <summary>
/// Opens the page in the user's browser, if there is a display. Dispose removes the file that was written.
/// </summary>
/// <remarks>
/// The browser opens a file of this user that redirects to the page. The address itself must not stand on a command
/// line, because every user can read command lines, and everybody who has the address gets in.
/// </remarks>
internal sealed class BrowserStart : IDisposable
{
    private readonly string _file;

    private BrowserStart(string file) => _file = file;

    /// <summary>Opens an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="directory">The directory for the file. Only this user may read it.</param>
    /// <returns>Dispose it when the page is open. Null without a display or a browser.</returns>
    internal static BrowserStart? TryOpen(string address, string directory)
    {
        bool hasDisplay = !OperatingSystem.IsLinux()
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DISPLAY"))
            || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("WAYLAND_DISPLAY"));
        if (!hasDisplay)
        {
            return null;
        }

        string file = Path.Combine(directory, "open-page.html");
        BrowserStart start = new(file);
        try
        {
            DataDirectory.Create(directory);
            Write(file, address);
            ProcessStartInfo opener = OperatingSystem.IsLinux()
                ? new ProcessStartInfo("xdg-open")
                : new ProcessStartInfo(file) { UseShellExecute = true };
            if (OperatingSystem.IsLinux())
            {
                opener.ArgumentList.Add(file);
                opener.RedirectStandardOutput = true;
                opener.RedirectStandardError = true;
            }

            Process.Start(opener)?.Dispose();
            return start;
        }
        catch (Exception exception) when (exception is Win32Exception or IOException or UnauthorizedAccessException)
        {
            start.Dispose();
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            File.Delete(_file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The token in the file is used, or useless after the end of the program.
        }
    }

    /// <summary>Writes the file that redirects. Only this user can read it, from its first byte on.</summary>
    internal static void Write(string file, string address)
    {
        File.Delete(file);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        string shown = WebUtility.HtmlEncode(address);
        using StreamWriter writer = new(file, Encoding.UTF8, options);
        writer.Write(
            $"<!DOCTYPE html><html lang=\"en\"><head><title>{Currency.Names.Prefix}</title><meta name=\"referrer\" "
                + $"content=\"no-referrer\"><meta http-equiv=\"refresh\" content=\"0;url={shown}\"></head><body>"
                + $"<a href=\"{shown}\">{Currency.Names.Prefix}</a></body></html>");
    }
}
