using System.Runtime.Versioning;
using Bitcoin.GuiWeb.Host;

namespace Bitcoin.Gui.Tests.Host;

internal sealed class BrowserStartTests
{
    [Test]
    [Platform("Linux")]
    [UnsupportedOSPlatform("windows")]
    public void The_file_that_leads_to_the_page_is_for_its_user_alone()
    {
        string directory = Directory.CreateTempSubdirectory("gui-").FullName;
        string file = Path.Combine(directory, "open-page.html");
        File.WriteAllText(file, "of somebody else");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.OtherRead | UnixFileMode.UserWrite);

        BrowserStart.Write(file, "http://127.0.0.1:1/enter?token=a&b=\"<c>");

        Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        string text = File.ReadAllText(file);
        Assert.That(text, Does.Contain("url=http://127.0.0.1:1/enter?token=a&amp;b=&quot;&lt;c&gt;\""));
        Directory.Delete(directory, recursive: true);
    }
}
