using Bitcoin.Wrapper;

Choice? choice = Choice.Make(args, out string text);
if (choice is null)
{
    bool isHelp = args.Length == 0 || args is ["-h" or "-help" or "--help" or "help", ..];
    (isHelp ? Console.Out : Console.Error).WriteLine(text);
    return args.Length > 0 && isHelp ? 0 : 1;
}

return Replacement.Run(Path.Combine(AppContext.BaseDirectory, choice.Program), choice.Arguments);
