-- An account's posts from the newest back, so that who wants some reads no more than these.
CREATE INDEX compass_video_descriptions_posted ON compass_video_descriptions (creator_id, created_at, video_id);
