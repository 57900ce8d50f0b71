// What `waystation help` prints.

/** The help, as it is printed. */
export const HELP = `Waystation: a gateway through which any agent CLI uses any model.

In a clone of the project every command is run as: npm start -- COMMAND ...

  serve                 start the gateway (also without a command)
  check                 read the configuration, say what comes of it, and stop
  check PROVIDER        ask a server what it can do, with real requests, and print what of it to write into the configuration
                        (--model MODEL: the one to ask; --timeout 60: seconds for one answer; --json)
  models                list the models that the running gateway offers (--json: as it tells them)
  logs                  list the turns in the log (logs --help: which, and how)
  show ID               print one turn as a transcript, or its bytes (show --help); ID is a turn's, a response's, or "last"
  compact FILE|ID       sum a conversation up, and say what that saves (compact --help); ID is a stored response's
  help                  this text

  --config FILE         read this configuration; otherwise the user's own, else config.yaml beside package.json
  --host HOST           listen on this address instead of the configured one
  --port PORT           listen on this port; 0 takes a free one
  --version             the version of Waystation

Exit codes: 0 all is well; 1 a failure; 2 a wrong configuration or command line; 3 nothing answers.
`;
