using System.Text.RegularExpressions;

namespace Samples.Tests;

/// <summary>Holds that the files which documents for contributors name exist.</summary>
public sealed partial class RecipeTests
{
    private const int MostFilesOfACall = 25;

    [Test]
    public void Files_that_the_recipes_name_exist()
    {
        string[] named = [.. Paths(Section("CONTRIBUTING.md", "## Recipes"))];

        Assert.That(named, Has.Length.GreaterThan(40));
        Assert.That(named.Where(path => !Exists(path)), Is.Empty);
    }

    [Test]
    public void A_recipe_names_the_folder_of_each_file()
    {
        string[] text = Section("CONTRIBUTING.md", "## Recipes");
        string[] folders = [.. Paths(text).Select(FolderOf)];

        string[] alone = [.. text.SelectMany(line => FileAlone().Matches(line)).Select(match => match.Groups[1].Value)];

        Assert.That(
            alone.Where(file => !folders.Any(folder => Exists(Path.Combine(folder, file)))), Is.Empty);
    }

    [Test]
    public void Files_of_the_walk_of_a_call_exist_and_are_few()
    {
        string[] rows = [.. Section("src/README.md", "### The walk of a call").Where(line => line.StartsWith('|'))];

        string[] files = [.. rows.SelectMany(row => FileInFolder().Matches(row)).Select(
            match => match.Groups[1].Value)];

        Assert.That(files, Has.Length.InRange(10, MostFilesOfACall));
        Assert.That(files, Is.Unique);
        Assert.That(files.Where(file => !Exists("src/Multiprocess/" + file)), Is.Empty);
    }

    /// <summary>The lines from a heading to the next one of the same level or above.</summary>
    private static string[] Section(string document, string heading)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Repository.Root, document));
        int level = heading.IndexOf(' ');
        return
        [
            .. lines.SkipWhile(line => line != heading)
                .Skip(1)
                .TakeWhile(line => !line.StartsWith('#') || line.IndexOf(' ') > level),
        ];
    }

    private static IEnumerable<string> Paths(string[] text)
        => text.SelectMany(line => FromRoot().Matches(line)).Select(match => match.Groups[1].Value).Distinct();

    private static string FolderOf(string path)
        => path.EndsWith(".cs", StringComparison.Ordinal) ? Path.GetDirectoryName(path)! : path;

    private static bool Exists(string path)
        => Path.Exists(Path.Combine(Repository.Root, path));

    [GeneratedRegex(@"`((?:src|generators|tests|samples|docs|eng)/[^`*]+)`")]
    private static partial Regex FromRoot();

    [GeneratedRegex(@"`([A-Za-z]+\.(?:cs|md))`")]
    private static partial Regex FileAlone();

    [GeneratedRegex(@"`([A-Za-z]+/[^`]+\.cs)`")]
    private static partial Regex FileInFolder();
}
